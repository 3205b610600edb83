// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Gateway
internal import Logging
internal import NIOPosix
internal import PolicyEngine
internal import ServiceLifecycle
internal import Transport

/// Shows new checkpoints to the witnesses, and keeps what they cosign beside the log. No request waits for it, nor does the
/// log's writer: the checkpoint is read as anybody would.
struct Witnessing: Service {
    let node: Node

    func run() async throws {
        let known = Set(node.witnessBoard.settings.witnesses.map(\.name))
        for name in node.policyInForce.policy.audit.witnesses?.names ?? [] where !known.contains(name) {
            node.logger.warning(
                "the policy names a witness that `audit.witnesses` has not; it is not asked",
                metadata: ["witness": "\(name)"])
        }
        await cancelWhenGracefulShutdown {
            guard !node.witnessBoard.settings.witnesses.isEmpty else {
                // A service that ends would end the gateway. And the policy may need witnesses that nobody has named here.
                repeat { await look() } while (try? await Task.sleep(for: .seconds(30))) != nil
                return
            }
            var last: Checkpoint?
            while !Task.isCancelled {
                last = await round(after: last)
                await look()
                try? await Task.sleep(for: .seconds(node.witnessBoard.settings.seconds))
            }
        }
    }

    /// Says what the round has changed for all witnesses together: our clock, and whether enough of them cosign.
    private func look() async {
        let board = node.witnessBoard
        do {
            if let skew = board.judgeClock() {
                if let seconds = skew {
                    node.logger.critical(
                        "the witnesses' clocks and ours differ by \(seconds) s; no key that has an end counts until they agree; set the clock"
                    )
                    _ = try await node.log.record(.clockDistrusted(seconds: seconds))
                } else {
                    node.logger.notice("the witnesses' clocks and ours agree again")
                    _ = try await node.log.record(.clockTrusted)
                }
            }
            let now = MonotonicClock.system.nanoseconds / 1_000_000_000
            switch board.look(at: node.policyInForce.policy.audit.witnesses, now: now) {
            case .missing(let have, let need):
                node.logger.critical(
                    "\(have) of the \(need) witnesses that the policy needs cosign; the log goes on, and nobody else sees it; ask their operators"
                )
                _ = try await node.log.record(.witnessesMissing(have: have, need: need))
            case .enough(let have, let need):
                node.logger.notice("enough witnesses cosign again")
                _ = try await node.log.record(.witnessesEnough(have: have, need: need))
            case nil: break
            }
        } catch {
            // The log says itself that it cannot write.
        }
    }

    /// - Parameter last: which all witnesses have cosigned already.
    /// - Returns: the same of this one.
    private func round(after last: Checkpoint?) async -> Checkpoint? {
        let directory = node.configuration.auditDirectory
        let found: (CosignedCheckpoint, NoteKey)?
        do {
            found = try await node.threads.runIfActive { try Self.checkpoint(in: directory) }
        } catch {
            node.logger.error("the log's checkpoint cannot be shown to witnesses", metadata: ["error": "\(error)"])
            return last
        }
        guard let (fresh, logKey) = found, fresh.checkpoint != last else { return last }
        let board = node.witnessBoard
        let answers = await withTaskGroup(of: (String, WitnessClient.Answer).self) { group in
            for witness in board.settings.witnesses {
                let client = WitnessClient(
                    witness: witness, tls: board.contexts[witness.name], group: node.group, threads: node.threads,
                    files: LogDirectory(directory), logKey: logKey)
                group.addTask { (witness.name, await client.ask(for: fresh, known: board.known(witness.name))) }
            }
            return await group.reduce(into: [String: WitnessClient.Answer]()) { $0[$1.0] = $1.1 }
        }
        // The gateway ends: what did not come is nobody's fault.
        guard !Task.isCancelled else { return last }
        var cosigned = fresh
        for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
            if case .cosigned(let cosignature, _) = answer { _ = cosigned.add(cosignature) }
            for change in board.take(answer, of: name, size: fresh.checkpoint.size, at: WallClock.system.microseconds) {
                await note(change, of: name)
            }
        }
        await keep(cosigned, logKey)
        let isWhole = answers.values.allSatisfy { if case .cosigned = $0 { true } else { false } }
        return isWhole ? fresh.checkpoint : last
    }

    private static func checkpoint(in directory: String) throws -> (CosignedCheckpoint, NoteKey)? {
        guard let line = try SmallFile.read(LogLayout.verifierKey, in: directory, limit: 1024),
            let note = try SmallFile.read(LogLayout.checkpoint, in: directory, limit: SignedNote.byteLimit)
        else { return nil }
        let key = try NoteKey(parsing: String(decoding: line, as: UTF8.self))
        return (try CosignedCheckpoint(note, of: key), key)
    }

    /// One that fewer witnesses have cosigned does not take the place of one that enough have.
    private func keep(_ cosigned: CosignedCheckpoint, _ logKey: NoteKey) async {
        let directory = node.configuration.auditDirectory
        let settings = node.witnessBoard.settings.witnesses
        let terms = node.policyInForce.policy.audit.witnesses
        let counted = settings.filter { terms?.names.contains($0.name) ?? true }.map(\.key)
        let need = terms?.need ?? counted.count
        let count = cosigned.count(of: counted)
        guard cosigned.count(of: settings.map(\.key)) > 0 else { return }
        do {
            try await node.threads.runIfActive {
                let old = try CosignedCheckpoint.read(in: directory, of: logKey)
                if let old, count < need, count < old.count(of: counted) { return }
                try cosigned.write(in: directory)
            }
        } catch {
            node.logger.error("cosignatures could not be kept", metadata: ["error": "\(error)"])
        }
    }

    private func note(_ change: WitnessState.Change, of name: String) async {
        let metadata: Logger.Metadata = ["witness": "\(name)"]
        do {
            switch change {
            case .lost(let reason):
                node.logger.error("a witness does not cosign: \(reason); the log goes on", metadata: metadata)
                _ = try await node.log.record(.witnessLost(name: name, reason: reason))
            case .back(let size):
                node.logger.notice("a witness cosigns again", metadata: metadata)
                _ = try await node.log.record(.witnessBack(name: name, size: size))
            case .skewed(let seconds):
                node.logger.critical(
                    "a witness's clock and ours differ by \(seconds) s; see which is wrong", metadata: metadata)
                _ = try await node.log.record(.clockSkew(witness: name, seconds: seconds))
            }
        } catch {
            // The log says itself that it cannot write.
        }
    }
}
