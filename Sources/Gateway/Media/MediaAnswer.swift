// SPDX-License-Identifier: Apache-2.0

internal import MatrixFederation
internal import PolicyEngine

/// Judges a file while its answer comes: holds back what has come until it is known what the file is, then counts.
///
/// A machine: bytes go in, what is to be done comes out.
struct MediaAnswer {
    enum Action: Equatable {
        /// Nothing goes on yet.
        case hold
        /// What was held goes on, and what follows.
        case pass(Verdict)
        case refuse(Verdict)
    }

    private enum Form {
        case file(type: String?)
        case multipart(boundary: [UInt8])
        case unreadable
    }

    private let form: Form
    /// Of the whole answer; `nil`: not said.
    private let length: Int?
    private let bounds: FileBounds
    private let judge: (_ bytes: Int?, _ type: String?) -> Verdict
    /// Bytes of the answer that may pass; `nil`: any number.
    private var most: Int?
    private var passed = 0

    /// - Parameters:
    ///   - kind: `multipartMedia` or `file`.
    ///   - length: of the answer's body, if it is known.
    ///   - judge: told the size, and the type; `nil`: not known.
    init(
        _ kind: Endpoint.AnswerKind, contentType: String?, length: Int?, isRedirect: Bool, bounds: FileBounds,
        judge: @escaping (Int?, String?) -> Verdict
    ) {
        if isRedirect {
            form = .unreadable
        } else if kind == .file {
            form = .file(type: contentType)
        } else {
            form = contentType.flatMap(MultipartHead.boundary).map(Form.multipart) ?? .unreadable
        }
        self.length = length
        self.bounds = bounds
        self.judge = judge
    }

    /// - Parameters:
    ///   - held: all that has come and was not passed on.
    ///   - isWhole: nothing more comes.
    mutating func read(_ held: [UInt8], isWhole: Bool) -> Action {
        switch form {
        case .unreadable: return decideUnknown()
        case .file(let type): return decide(length ?? 0, type, bounds.maxBytes)
        case .multipart(let boundary):
            switch MultipartHead.read(held, boundary: boundary) {
            case .needsMore: return isWhole ? decideUnknown() : .hold
            case .unreadable: return decideUnknown()
            case .read(let head) where head.isElsewhere: return decideUnknown()
            case .read(let head):
                // The line that ends the last part, with or without an end of its own.
                let around = head.offset + boundary.count + 8
                return decide(length.map { max($0 - around, 0) } ?? 0, head.type, bounds.maxBytes.map { $0 + around })
            }
        }
    }

    /// What cannot be read does not get larger than the largest file with what may stand around it.
    private mutating func decideUnknown() -> Action {
        decide(nil, nil, bounds.maxBytes.map { $0 + MultipartHead.maxBytes })
    }

    /// A size that is not said is looked at while it comes.
    private mutating func decide(_ bytes: Int?, _ type: String?, _ most: Int?) -> Action {
        self.most = most
        let verdict = judge(bytes, type)
        return verdict.isAllowed ? .pass(verdict) : .refuse(verdict)
    }

    /// Counts bytes that are about to pass; false: with them it would be too many.
    mutating func mayPass(_ bytes: Int) -> Bool {
        passed += bytes
        return most.map { passed <= $0 } ?? true
    }
}
