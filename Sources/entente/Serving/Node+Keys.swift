// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import Logging
internal import MatrixFederation
internal import PolicyEngine
internal import Transport

/// Which keys the node uses, on record whenever one is another: those that it proves itself with, and those by which it believes others.
extension Node {
    private static let fileLimit = 1 << 20

    /// Compares the keys with those that were recorded last. At the start, and when certificates were read again.
    func recordKeys() async throws {
        let directory = configuration.auditDirectory
        let now = KeyLedger(try keysInUse())
        let before: KeyLedger
        do throws(DiskFailure) {
            before = try KeyLedger.read(in: directory)
        } catch {
            throw StartFailure(description: "\(directory): \(error); keys are not recorded; see to the disk")
        }
        let changes = now.changes(since: before)
        guard !changes.isEmpty else { return }
        for change in changes {
            _ = try await log.record(.keyRotated(change))
            guard change.previous != nil else { continue }
            logger.notice(
                "a key is another one than before",
                metadata: ["use": "\(change.use)", "sha256": "\(change.sha256?.hex ?? "none")"])
        }
        do throws(DiskFailure) {
            try now.write(in: directory)
        } catch {
            throw StartFailure(
                description: "\(directory): \(error); keys are recorded again next time; see to the disk")
        }
    }

    /// Fingerprints of public keys; of no secret one anything.
    private func keysInUse() throws -> [String: Digest] {
        var keys: [String: Digest] = [:]
        for listener in configuration.listeners {
            for (index, certificate) in listener.certificates.enumerated() {
                let pem = try FileBytes.read(certificate.chainFile, limit: Self.fileLimit)
                guard let spki = try X509Certificate.chain(pem: pem).first?.spki else { continue }
                keys["tls:\(listener.address):\(index)"] = Digest(spki.bytes.span)
            }
        }
        if let line = try SmallFile.read(LogLayout.verifierKey, in: configuration.auditDirectory, limit: 1024),
            let key = try? NoteKey(parsing: String(decoding: line, as: UTF8.self))
        {
            keys["log"] = SHA256.hash(key.key.bytes)
        }
        for witness in configuration.witnesses.witnesses {
            keys["witness:\(witness.name)"] = SHA256.hash(witness.key.key.bytes)
        }
        if case .officers(let quorum) = configuration.policy.trust {
            for (name, key) in quorum.officers { keys["officer:\(name.text)"] = SHA256.hash(key.bytes) }
        }
        return keys
    }
}
