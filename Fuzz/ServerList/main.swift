// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import MatrixFederation
import PolicyEngine

private func checkList(_ list: ServerList) {
    check(list.names.count <= ServerList.maxNames, "a list keeps its limit")
    for (one, next) in zip(list.names, list.names.dropFirst()) {
        check(one.text.utf8.lexicographicallyPrecedes(next.text.utf8), "names are sorted, each once")
    }
    check(list.names.allSatisfy { $0.text == $0.text.lowercased() }, "names are lower case")
}

private func checkFault(_ fault: ListFault) {
    for text in [fault.what, fault.todo] {
        check(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a message has one line and no control character")
    }
}

// Neither reader ever traps; what is taken keeps its limits, and each refusal says why in one line. A signed list is read as
// if its signature were good: whoever signs is not trusted to write well.
fuzz { bytes in
    do throws(ListFault) {
        checkList(try ServerList(text: bytes))
    } catch {
        checkFault(error)
    }
    do throws(ListFault) {
        let jws = try CompactJWS(reading: bytes)
        check(!jws.header.certificates.isEmpty, "a signed list has a certificate")
        let signer = ListSigner(subject: "CN=fuzz", validUntil: Timestamp(milliseconds: 0))
        checkList(try ServerList(jws, signedBy: signer))
    } catch {
        checkFault(error)
    }
}
