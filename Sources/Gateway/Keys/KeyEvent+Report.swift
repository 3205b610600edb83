// SPDX-License-Identifier: Apache-2.0

package import Logging
internal import MatrixFederation
internal import Metrics
internal import PolicyEngine

extension KeyEvent {
    /// A name for metrics and searches; the names are those of the table of abuse cases where it has one.
    package var name: String {
        switch self {
        case .conflict: "keys.conflict"
        case .validityCapped: "keys.validity_capped"
        case .denylisted: "keys.denylisted"
        case .fetched: "keys.fetched"
        case .fetchFailed(_, let fault, _): fault.reason.rawValue
        }
    }

    /// Writes the event to the log and counts it. Alarms are errors: somebody has to look.
    package func report(to logger: Logger) {
        Counter(label: "entente_key_events_total", dimensions: [("event", name)]).increment()
        switch self {
        case .conflict(let server, let key, let known, let new, let isPinned):
            logger.error(
                "a key id has other bytes than before",
                metadata: [
                    "event": "\(name)", "server": "\(server.text)", "key": "\(key.text)", "known": "\(known.hex)",
                    "new": "\(new.hex)", "pinned": "\(isPinned)",
                ])
        case .denylisted(let server, let key, let fingerprint):
            logger.error(
                "a denylisted key was published and is not used",
                metadata: [
                    "event": "\(name)", "server": "\(server.text)", "key": "\(key.text)",
                    "fingerprint": "\(fingerprint.hex)",
                ])
        case .validityCapped(let server):
            logger.notice(
                "keys are used for seven days at most, whatever their document says",
                metadata: ["event": "\(name)", "server": "\(server.text)"])
        case .fetched(let server, let keys, let validUntil):
            logger.info(
                "keys fetched",
                metadata: [
                    "event": "\(name)", "server": "\(server.text)", "keys": "\(keys)",
                    "valid_until_ms": "\(validUntil.milliseconds)",
                ])
        case .fetchFailed(let server, let fault, let nextTry):
            // Another key than the pinned one, or another place than the written ones, is an alarm (AC-06, AC-111).
            logger.log(
                level: fault.reason.isAlarm ? .error : .warning,
                "keys cannot be fetched; requests that need them get 401 until they can",
                metadata: [
                    "event": "\(name)", "server": "\(server.text)", "because": "\(fault.plainText)",
                    "next_try_ms": "\(nextTry.milliseconds)",
                ])
        }
    }
}

extension KeyFetchFault {
    /// What happened, for the operator.
    package var plainText: String {
        switch self {
        case .discovery(let fault): fault.plainText
        case .exchange(let fault): fault.plainText
        case .status(let status): "answered with status \(status)"
        case .invalid(let why): "the key document proves nothing: \(why)"
        case .denylisted: "the key document lists a key whose secret part is public"
        case .timeout: "no answer in time"
        case .rerouted: "a new policy reaches the server otherwise"
        case .stopped: "the gateway is stopping"
        }
    }
}

extension KeyRing.Outcome {
    /// What a fetch for a request brought, for the request's record; `nil` when it brought the keys.
    var plainText: String? {
        switch self {
        case .fetched: nil
        case .failed(let fault): "the origin's keys could not be had: \(fault.plainText)"
        case .refused(.pinned): "the policy pins the origin's keys; this one is not among them"
        case .refused(.tooSoon): "the origin's keys could not be had a moment ago; they are asked for again later"
        case .refused(.overload): "too many requests are waiting for keys"
        }
    }
}
