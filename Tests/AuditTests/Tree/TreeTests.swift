// SPDX-License-Identifier: Apache-2.0

import MatrixFederation
import Testing

@testable import Audit

@Suite("The Merkle tree: RFC 6962")
struct TreeTests {
    private let hasher = TreeHasher()

    /// The entries and roots that the tests of Certificate Transparency's own implementation publish.
    private static let entries = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    private static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    private func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var digits = Array(hex.utf8)[...]
        while let high = digits.popFirst(), let low = digits.popFirst() {
            bytes.append((HexDigit.value(high) ?? 0) << 4 | (HexDigit.value(low) ?? 0))
        }
        return bytes
    }

    @Test("gives the published roots of the published entries")
    func vectors() {
        #expect(TileRows().root(hasher).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var rows = TileRows()
        for (entry, root) in zip(Self.entries, Self.roots) {
            _ = rows.append(hasher.leaf(bytes(entry)), hasher)
            #expect(rows.root(hasher).hex == root)
        }
    }

    /// The tiles of a tree, in memory.
    private struct Memory: LogFiles {
        var files: [String: [UInt8]] = [:]
        func journals() throws(DiskFailure) -> [String] { [] }
        func names(in path: String) throws(DiskFailure) -> [String] { [] }
        func length(of path: String) throws(DiskFailure) -> Int { files[path]?.count ?? 0 }
        func read(_ path: String, from: Int, count: Int, into buffer: inout [UInt8]) throws(DiskFailure) {
            guard let file = files[path] else { throw DiskFailure(.open, file: path, code: 2) }
            buffer += file.dropFirst(from).prefix(count)
        }
    }

    private func leaves(_ count: Int) -> [Digest] { (0..<count).map { NaiveTree.leaf(Array("entry \($0)".utf8)) } }

    /// The tree of these leaves: full tiles as they came, and the partial ones of its end.
    private func tiles(_ leaves: some Sequence<Digest>) -> (rows: TileRows, memory: Memory) {
        var rows = TileRows()
        var memory = Memory()
        for leaf in leaves { for tile in rows.append(leaf, hasher) { memory.files[tile.path] = tile.bytes } }
        for tile in rows.partials { memory.files[tile.path] = tile.bytes }
        return (rows, memory)
    }

    @Test("roots of all sizes up to 600 are those of the definition")
    func sizes() {
        let leaves = leaves(600)
        var rows = TileRows()
        for size in 1...600 {
            _ = rows.append(leaves[size - 1], hasher)
            #expect(rows.root(hasher) == NaiveTree.root(leaves[..<size]), "\(size)")
        }
    }

    @Test("proofs from tiles are those of the definition, and are accepted; none is accepted for anything else")
    func proofs() throws {
        let leaves = leaves(600)
        let check = ProofCheck(hasher)
        for size in [1, 2, 3, 5, 8, 13, 100, 255, 256, 257, 300, 511, 512, 513, 600] {
            let (rows, memory) = tiles(leaves[..<size])
            let root = rows.root(hasher)
            let prover = TreeProver(TileFiles(memory, size: UInt64(size), hasher), hasher)
            #expect(try prover.root(of: UInt64(size)) == root)
            for index in stride(from: 0, to: size, by: max(size / 37, 1)) {
                let path = try prover.inclusion(of: UInt64(index), in: UInt64(size))
                #expect(path == NaiveTree.inclusion(index, leaves[..<size]))
                let (place, count) = (UInt64(index), UInt64(size))
                #expect(check.inclusion(path, of: leaves[index], at: place, in: count, root: root))
                #expect(
                    !check.inclusion(path, of: leaves[599 - index], at: place, in: count, root: root)
                        || 599 == 2 * index)
                #expect(!check.inclusion(path + [root], of: leaves[index], at: place, in: count, root: root))
                #expect(!check.inclusion(path, of: leaves[index], at: count, in: count, root: root))
                if !path.isEmpty {
                    #expect(!check.inclusion(path.dropLast(), of: leaves[index], at: place, in: count, root: root))
                    if index > 0 {
                        #expect(!check.inclusion(path, of: leaves[index], at: place - 1, in: count, root: root))
                    }
                }
            }
            for old in stride(from: 1, through: size, by: max(size / 41, 1)) {
                let oldRoot = NaiveTree.root(leaves[..<old])
                let path = try prover.consistency(of: UInt64(old), with: UInt64(size))
                #expect(path == NaiveTree.consistency(old, leaves[..<size]), "\(old) of \(size)")
                let (before, count) = (UInt64(old), UInt64(size))
                #expect(check.consistency(path, of: before, root: oldRoot, with: count, root: root))
                #expect(!check.consistency(path, of: before, root: leaves[0], with: count, root: root) || old == 1)
                #expect(!check.consistency(path + [root], of: before, root: oldRoot, with: count, root: root))
                if old < size {
                    #expect(!check.consistency(path, of: before, root: oldRoot, with: count, root: oldRoot))
                    #expect(!check.consistency(path.dropLast(), of: before, root: oldRoot, with: count, root: root))
                }
            }
        }
    }

    @Test("every proof of every tree up to 70 entries is accepted")
    func small() throws {
        let leaves = leaves(70)
        let check = ProofCheck(hasher)
        for size in 1...70 {
            let (rows, memory) = tiles(leaves[..<size])
            let (root, count) = (rows.root(hasher), UInt64(size))
            let prover = TreeProver(TileFiles(memory, size: count, hasher), hasher)
            for index in 0..<count {
                let path = try prover.inclusion(of: index, in: count)
                #expect(check.inclusion(path, of: leaves[Int(index)], at: index, in: count, root: root))
                let oldRoot = NaiveTree.root(leaves[...Int(index)])
                let proof = try prover.consistency(of: index + 1, with: count)
                #expect(check.consistency(proof, of: index + 1, root: oldRoot, with: count, root: root))
            }
        }
    }

    @Test("a tree of 70,000 has the tiles that the specification names, and goes on from its edge")
    func large() throws {
        var rows = TileRows()
        var full: [Int: Int] = [:]
        let leaf = NaiveTree.leaf([])
        for index in 0..<70_000 {
            for tile in rows.append(leaf, hasher) { full[tile.level, default: 0] += 1 }
            if index == 69_887 {
                // A multiple of 256: an edge alone is enough to go on.
                let edge = try #require(TileRows(size: rows.size, above: Array(rows.rows.dropFirst())))
                #expect(edge.root(hasher) == rows.root(hasher))
                rows = edge
            }
        }
        #expect(full == [0: 273, 1: 1])
        #expect(
            rows.partials.map { [$0.level, Int($0.index), $0.hashes.count] } == [
                [0, 273, 112], [1, 1, 17], [2, 0, 1],
            ])
        #expect(
            TilePath.partials(of: 70_000) == [
                "tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
    }

    @Test("an edge that belongs to no tree of its size is none")
    func edges() {
        let leaf = NaiveTree.leaf([])
        #expect(TileRows(size: 512, above: [[leaf, leaf]]) != nil)
        #expect(TileRows(size: 512, above: [[leaf]]) == nil)
        #expect(TileRows(size: 513, above: [[leaf, leaf]]) == nil)
        #expect(TileRows(size: 0, above: [[]]) == nil)
        #expect(TileRows(size: 65_536, above: [[]]) == nil)
        #expect(TileRows(size: 65_536, above: [[], [leaf]]) != nil)
        #expect(TileRows(size: 512, above: [[leaf, leaf], []]) == nil)
    }
}
