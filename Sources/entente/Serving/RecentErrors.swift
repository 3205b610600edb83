// SPDX-License-Identifier: Apache-2.0

internal import Gateway
internal import Logging
internal import Synchronization

/// Keeps the latest errors for the console's page, beside the log itself.
final class RecentErrors: Sendable {
    struct Note: Sendable {
        /// Microseconds since 1970-01-01T00:00:00Z.
        let time: Int64
        let text: String
    }

    private static let limit = 20
    private let notes = Mutex<[Note]>([])

    /// The latest first.
    var latest: [Note] { notes.withLock { $0.reversed() } }

    fileprivate func add(_ text: String) {
        let note = Note(time: WallClock.system.microseconds, text: String(text.prefix(500)))
        notes.withLock { notes in
            if notes.count >= Self.limit { notes.removeFirst() }
            notes.append(note)
        }
    }

    /// A logger to standard error that also notes errors here.
    func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "entente") { label in
            MultiplexLogHandler([StreamLogHandler.standardError(label: label), Handler(errors: self)])
        }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let errors: RecentErrors
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.error

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.level >= .error else { return }
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            errors.add(([event.message.description] + details).joined(separator: "; "))
        }
    }
}
