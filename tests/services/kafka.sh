#!/bin/bash
# Apache Kafka, one KRaft node (broker + controller) on 127.0.0.1.
#   kafka.sh start DIR PORT CONTROLLER_PORT [SASL_SSL_PORT [SSL_PORT]]
#   kafka.sh wait DIR [SECONDS]
#   kafka.sh stop DIR
#   kafka.sh crash DIR
# PORT is plaintext. SASL_SSL: user "test", mechanisms PLAIN, SCRAM-SHA-256,
# SCRAM-SHA-512 and OAUTHBEARER with unsigned tokens. SSL: client certificate required. Certificates: DIR/tls.
# More broker settings: $KAFKA_CONFIG, lines of key=value.
. "$(dirname "$0")/common.sh"
version=${KAFKA_VERSION:-4.4.0}

kafka() {  # CLASS ARGS...
  exec "$JAVA_HOME/bin/java" -Xms128m -Xmx"$heap" -XX:+UseSerialGC \
      -XX:TieredStopAtLevel=1 -Djava.awt.headless=true \
      -Dorg.slf4j.simpleLogger.defaultLogLevel="${KAFKA_LOG_LEVEL:-warn}" \
      -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
      -cp "$cache/kafka-$version/*" "$@"
}

config() {  # DIR PORT CONTROLLER_PORT [SASL_SSL_PORT [SSL_PORT]]
  listeners=PLAINTEXT://127.0.0.1:$2
  advertised=$listeners
  [ -n "$4" ] && advertised+=,SASL_SSL://localhost:$4 listeners+=,SASL_SSL://127.0.0.1:$4
  [ -n "$5" ] && advertised+=,SSL://localhost:$5 listeners+=,SSL://127.0.0.1:$5
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$3
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
listeners=$listeners,CONTROLLER://127.0.0.1:$3
advertised.listeners=$advertised
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=10485760
END
  [ -n "$4$5" ] && cat <<END
ssl.keystore.type=PEM
ssl.keystore.location=$1/tls/server-keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=$1/tls/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_test="$password";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.\
OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="test";
END
  echo "$KAFKA_CONFIG"
}

start() {
  [ $# -ge 3 ] || die "start DIR PORT CONTROLLER_PORT [SASL_SSL_PORT [SSL_PORT]]"
  mkdir -p "$1"; dir=$(cd "$1" && pwd)
  running "$dir" && die "already running"
  fetch kafka "$version" "$cache/kafka-$version"
  if [ -n "$4" ]; then
    make_certs "$dir/tls"
    cat "$dir/tls/server.key" "$dir/tls/server.pem" >"$dir/tls/server-keystore.pem"
  fi
  config "$dir" "${@:2}" >"$dir/server.properties"
  if [ ! -e "$dir/data/meta.properties" ]; then
    (kafka kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ \
        -c "$dir/server.properties" \
        -S "SCRAM-SHA-256=[name=test,password=$password]" \
        -S "SCRAM-SHA-512=[name=test,password=$password]") \
        >"$dir/format.log" 2>&1 || die "format failed, see $dir/format.log"
  fi
  : >"$dir/out.log"
  (kafka kafka.Kafka "$dir/server.properties") >"$dir/out.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  wait_for "$dir" "${SERVICES_TIMEOUT:-180}" ready "$dir"
}

ready() { grep -q 'Kafka Server started' "$1/out.log"; }

JAVA_HOME=$(java_home 17) || die "needs Java 17 or newer"
case $1 in
  start) start "${@:2}" ;;
  wait) wait_for "$2" "${3:-180}" ready "$2" ;;
  stop) stop "$2" ;;
  crash) crash "$2" ;;
  *) die "start|wait|stop|crash DIR ..." ;;
esac
