// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import PolicyEngine

/// At most 16 deep: the reader's limit bounds the recursion.
func isInside(_ node: YAMLNode, lines: Int) -> Bool {
    guard (1...lines).contains(node.place.line), node.place.column >= 1 else { return false }
    switch node.content {
    case .scalar: return true
    case .sequence(let nodes): return nodes.allSatisfy { isInside($0, lines: lines) }
    case .mapping(let entries): return entries.allSatisfy { isInside($0.value, lines: lines) }
    }
}

// Reading YAML and compiling a policy never traps; every place is within the file, every refusal has a reason of one line.
fuzz { bytes in
    let lines = bytes.count { $0 == 0x0A } + 2
    do throws(YAMLFault) {
        check(isInside(try YAMLDocument.read(bytes), lines: lines), "every node is within the file")
    } catch {
        check(error.place.line <= lines, "a fault lies in the file")
    }
    do throws(PolicyErrors) {
        _ = try Policy.compile(bytes, fileName: "fuzz.yaml")
    } catch {
        check(!error.diagnostics.isEmpty, "a refusal has a reason")
        check(!error.diagnostics.contains { $0.description.contains("\n") }, "a message has one line")
    }
}
