// SPDX-License-Identifier: Apache-2.0

package import MatrixFederation

/// What a log asks a witness: here is a checkpoint, and the proof that it continues the one you know. The body of C2SP
/// tlog-witness `add-checkpoint`, and what a courier carries.
package struct AddCheckpoint: Sendable {
    /// The size of the checkpoint that the witness knows; 0: none.
    package let old: UInt64
    package let proof: [Digest]
    /// The checkpoint with its signatures.
    package let note: [UInt8]

    /// The most hashes of a proof, as the specification has it.
    package static let proofLimit = 63
    /// The largest request that is read, in bytes: 32 signatures and a proof need less than half of it.
    package static let byteLimit = 1 << 16

    package init(old: UInt64, proof: [Digest], note: [UInt8]) {
        self.old = old
        self.proof = proof
        self.note = note
    }

    package var bytes: [UInt8] {
        let lines = ["old \(old)"] + proof.map { NoteBase64.encode($0.bytes) } + ["", ""]
        return Array(lines.joined(separator: "\n").utf8) + note
    }

    package struct Malformed: Error, Equatable, Sendable {}

    /// Nothing is believed by reading it.
    package init(parsing bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.byteLimit else { throw Malformed() }
        var rest = bytes[...]
        guard let first = Self.line(&rest), first.starts(with: "old ".utf8),
            let old = Checkpoint.decimal(first.dropFirst(4))
        else { throw Malformed() }
        var proof: [Digest] = []
        while true {
            guard let line = Self.line(&rest) else { throw Malformed() }
            if line.isEmpty { break }
            guard proof.count < Self.proofLimit, line.count == 44, let bytes = NoteBase64.decode(Array(line).span),
                let hash = Digest(bytes.span)
            else { throw Malformed() }
            proof.append(hash)
        }
        self.init(old: old, proof: proof, note: Array(rest))
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }
}
