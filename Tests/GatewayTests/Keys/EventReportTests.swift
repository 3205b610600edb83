// SPDX-License-Identifier: Apache-2.0

import Gateway
import Logging
import MatrixFederation
import Synchronization
import Testing
import Transport

@Suite("What the operator hears of keys and discovery")
struct EventReportTests {
    private final class Lines: LogHandler, Sendable {
        let lines = Mutex<[(Logger.Level, String, Logger.Metadata)]>([])
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            lines.withLock { $0.append((event.level, "\(event.message)", event.metadata ?? [:])) }
        }
    }

    @Test("AC-06 a conflict is an error with both fingerprints; AC-50 so is a moved server with both names")
    func alarms() throws {
        let lines = Lines()
        let logger = Logger(label: "test", factory: { _ in lines })
        let alpha = try ServerName("alpha.example")
        let (known, new) = (try KeyFixtures.key(1).fingerprint, try KeyFixtures.key(2).fingerprint)
        let id = try KeyID("ed25519:a1")
        KeyEvent.conflict(server: alpha, key: id, known: known, new: new, isPinned: true).report(to: logger)
        DiscoveryEvent.delegationChanged(server: alpha, old: "a.example", new: "b.example").report(to: logger)
        DiscoveryEvent.wellKnownUnused(host: "alpha.example", because: .status(404)).report(to: logger)
        let inner = DiscoveryFault.refusedAddress(host: "x.example", IPAddress(v4: 0x0A00_0001), .privateUse)
        DiscoveryEvent.wellKnownUnused(host: "alpha.example", because: .discovery(inner)).report(to: logger)
        let written = lines.lines.withLock { $0 }
        #expect(written.map(\.0) == [.error, .error, .debug, .warning])
        #expect(written.first?.2["known"] == "\(known.hex)" && written.first?.2["new"] == "\(new.hex)")
        #expect(written[1].2["old"] == "a.example" && written[1].2["new"] == "b.example")
        #expect(
            written.last?.2["because"]
                == "`x.example` leads to 10.0.0.1 (private use), which is not in `allow_addresses`")
        #expect(written.last?.2["event"] == "out.ssrf")
    }
}
