// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import PolicyEngine

// What comes over the control socket. A call that is taken has an act that reads the same again, or none.
fuzz { bytes in
    guard let call = try? ControlRequest(reading: bytes) else { return }
    check(bytes.count <= ControlRequest.maxBytes, "calls are bounded")
    switch call {
    case .status, .quarantine: break
    case .resume(let sink): check(sink.utf8.count <= ControlRequest.maxBytes, "names are bounded")
    case .open(let number, let records, let recipient):
        check(CaseNumber.isValid(number), "the number of a case stands in a record")
        check(RecordRanges(records.texts) == records, "the numbers are written as they are read")
        check(SealRecipient(recipient.text) == recipient, "the key is one")
    case .lockdown(let act): check((try? LockdownAct(parsing: act.bytes))?.bytes == act.bytes, "the act is one")
    case .release(let release):
        check((try? QuarantineRelease(parsing: release.bytes))?.bytes == release.bytes, "the release is one")
    }
}
