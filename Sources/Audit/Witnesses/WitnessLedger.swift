// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import MatrixFederation
internal import Synchronization

/// A witness: its key, the logs that it watches, and the last checkpoint of each that it cosigned, in a directory.
///
/// INVARIANT: a checkpoint is durable before it is cosigned, and replaces only one that it continues. One request at a time,
/// and one process: so no two cosignatures are over trees that contradict each other.
package final class WitnessLedger: Sendable {
    package let key: WitnessKey
    private let logs: [String: NoteKey]
    private let directory: String
    private let lock: Descriptor
    private let now: @Sendable () -> Int64
    private let known: Mutex<[String: Checkpoint]>

    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case disk(DiskFailure)
        /// What is known of a log cannot be read, or is not by its key.
        case memory(file: String, origin: String)
        case twoKeys(origin: String)

        package var description: String {
            switch self {
            case .disk(let failure): failure.description
            case .memory(let file, let origin): "\(file) is no checkpoint of \(origin) by the key that is given"
            case .twoKeys(let origin): "two keys are given for the log \(origin)"
            }
        }
    }

    /// What a request comes to.
    package enum Answer: Sendable {
        case cosigned(SignedNote.Line, Checkpoint)
        case refused(WitnessVerdict)
        /// Not stored, so not cosigned.
        case unavailable(DiskFailure)
    }

    /// - Parameters:
    ///   - directory: made with rights for its owner only when it is not there; held until deinitialisation.
    ///   - now: seconds since 1970-01-01T00:00:00Z.
    package init(
        key: WitnessKey, logs: [NoteKey], directory: String, now: @escaping @Sendable () -> Int64
    ) throws(Fault) {
        self.key = key
        self.directory = directory
        self.now = now
        var byName: [String: NoteKey] = [:]
        for log in logs {
            guard byName.updateValue(log, forKey: log.name).map({ $0 == log }) ?? true else {
                throw .twoKeys(origin: log.name)
            }
        }
        self.logs = byName
        do throws(DiskFailure) {
            if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST {
                throw DiskFailure(.create, file: "", code: errno)
            }
            lock = try Descriptor(directory + "/lock", O_RDWR | O_CREAT | O_NOFOLLOW, .lock, file: "lock")
            guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
                throw DiskFailure(.lock, file: "lock", code: errno)
            }
        } catch {
            throw .disk(error)
        }
        var known: [String: Checkpoint] = [:]
        for log in byName.values { known[log.name] = try Self.remembered(log, in: directory) }
        self.known = Mutex(known)
    }

    private static func remembered(_ log: NoteKey, in directory: String) throws(Fault) -> Checkpoint? {
        let file = fileName(log.name)
        let bytes: [UInt8]?
        do throws(DiskFailure) {
            bytes = try SmallFile.read(file, in: directory, limit: SignedNote.byteLimit)
        } catch {
            throw .disk(error)
        }
        guard let bytes else { return nil }
        // To forget what was cosigned would be to cosign a fork.
        guard let checkpoint = try? Checkpoint(note: bytes, signedBy: log) else {
            throw .memory(file: file, origin: log.name)
        }
        return checkpoint
    }

    /// Names have signs that files must not have.
    package static func fileName(_ origin: String) -> String {
        "\(SHA256.hash(Array(origin.utf8)).hex.prefix(32)).checkpoint"
    }

    package static func evidenceName(_ origin: String) -> String {
        "\(SHA256.hash(Array(origin.utf8)).hex.prefix(32)).fork"
    }

    /// The size of the last checkpoint that was cosigned, by log.
    package var sizes: [String: UInt64] { known.withLock { known in logs.mapValues { known[$0.name]?.size ?? 0 } } }

    /// Blocks for as long as the disk takes.
    package func add(_ request: AddCheckpoint) -> Answer {
        known.withLock { known in
            let verdict = WitnessVerdict.judge(request, logs: logs) { known[$0] }
            switch verdict {
            case .cosign(let checkpoint, let text):
                do throws(DiskFailure) {
                    try SmallFile.replace(Self.fileName(checkpoint.origin), in: directory, with: request.note)
                } catch {
                    return .unavailable(error)
                }
                known[checkpoint.origin] = checkpoint
                return .cosigned(key.cosign(text, at: now()), checkpoint)
            case .fork(let checkpoint, _):
                keepEvidence(checkpoint.origin, request.note)
                return .refused(verdict)
            default: return .refused(verdict)
            }
        }
    }

    /// Two signed trees of one size prove that a log lies, to anybody; the first pair is kept.
    private func keepEvidence(_ origin: String, _ note: [UInt8]) {
        let name = Self.evidenceName(origin)
        do throws(DiskFailure) {
            guard try SmallFile.read(name, in: directory, limit: 1) == nil,
                let known = try SmallFile.read(Self.fileName(origin), in: directory, limit: SignedNote.byteLimit)
            else { return }
            try SmallFile.replace(name, in: directory, with: known + [0x0A] + note)
        } catch {
            // Without the evidence it is refused all the same.
        }
    }
}
