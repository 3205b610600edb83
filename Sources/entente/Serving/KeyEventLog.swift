// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Logging
internal import MatrixFederation

/// Tells the operator what happens to other servers' keys.
struct KeyEventLog: Sendable {
    let logger: Logger

    func report(_ event: KeyEvent) {
        switch event {
        case .conflict(let server, let key, let known, let new, let isPinned):
            logger.critical(
                "a server shows other bytes under a key id that is known",
                metadata: [
                    "server": "\(server.text)", "key": "\(key.text)", "known": "\(known.hex)", "new": "\(new.hex)",
                    "pinned": "\(isPinned)",
                ])
        case .validityCapped(let server):
            logger.notice("a server's keys claim a longer life than seven days", metadata: ["server": "\(server.text)"])
        case .denylisted(let server, let key, let fingerprint):
            logger.critical(
                "a server publishes a key whose secret part is public",
                metadata: ["server": "\(server.text)", "key": "\(key.text)", "fingerprint": "\(fingerprint.hex)"])
        case .fetched(let server, let keys, _):
            logger.info("keys fetched", metadata: ["server": "\(server.text)", "keys": "\(keys)"])
        case .fetchFailed(let server, let fault, _):
            logger.warning(
                "keys of a server could not be fetched; its requests get 401",
                metadata: ["server": "\(server.text)", "because": "\(fault)"])
        }
    }
}
