package org.chevet.relay.vitals;

/**
 * What a publisher found its clock to be.
 *
 * @param offsetNs relay time = device time + offsetNs
 * @param uncertaintyNs bound of the error, plus or minus
 * @param relayTimeNs when it said so, relay time
 * @param samples exchanges it rests on
 */
record ClockOfPublisher(long offsetNs, long uncertaintyNs, long relayTimeNs, long samples) {
}
