// SPDX-License-Identifier: Apache-2.0

internal import Audit
internal import NIOCore

/// Looks at the homeserver's answer on its way to the peer, and says what of it passes when. Made when its head is there.
///
/// Either `came` once, or `began`, `part`…, `ended`.
protocol AnswerPassage: AnyObject {
    func came(_ body: ByteBuffer)
    func began()
    func part(_ bytes: ByteBuffer)
    func ended()
    /// The file as far as it has passed; `nil`: the answer is none.
    var passedMedia: PassedMedia? { get }
}
