// SPDX-License-Identifier: Apache-2.0

internal import CYAML

/// What libyaml says next, as a value of ours.
enum YAMLEvent {
    case documentStart(hasDirectives: Bool)
    case scalar(text: String, isQuoted: Bool)
    case sequenceStart
    case mappingStart
    case collectionEnd
    case documentEnd
    case streamEnd
}

/// Owns one libyaml parser and the bytes it reads; both are freed exactly once.
@safe struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLFault) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLFault(.memory, at: .wholeFile)
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        unsafe self.parser = parser
        unsafe self.input = input
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event and where it begins. Anchors, aliases and tags are faults.
    func next() throws(YAMLFault) -> (YAMLEvent, YAMLPlace) {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault() }
            defer { unsafe yaml_event_delete(&event) }
            let place = unsafe Self.place(event.start_mark)
            if let read = try unsafe Self.read(event, at: place) { return (read, place) }
        }
    }

    private static func read(_ event: yaml_event_t, at place: YAMLPlace) throws(YAMLFault) -> YAMLEvent? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT:
            let start = unsafe event.data.document_start
            let tags = unsafe start.tag_directives
            return unsafe .documentStart(hasDirectives: start.version_directive != nil || tags.start != tags.end)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe refuse(anchor: scalar.anchor, tag: scalar.tag, at: place)
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            for hidden in text.unicodeScalars where hidden.isHidden && hidden != "\n" && hidden != "\t" {
                throw YAMLFault(.character(hidden.value), at: place)
            }
            return unsafe .scalar(text: text, isQuoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            try unsafe refuse(anchor: start.anchor, tag: start.tag, at: place)
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            try unsafe refuse(anchor: start.anchor, tag: start.tag, at: place)
            return .mappingStart
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: throw YAMLFault(.alias, at: place)
        default: return nil
        }
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at place: YAMLPlace
    ) throws(YAMLFault) {
        if unsafe anchor != nil { throw YAMLFault(.anchor, at: place) }
        if unsafe tag != nil { throw YAMLFault(.tag, at: place) }
    }

    private static func place(_ mark: yaml_mark_t) -> YAMLPlace {
        YAMLPlace(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    private func fault() -> YAMLFault {
        let state = unsafe parser.pointee
        let place = unsafe Self.place(state.problem_mark)
        guard let problem = unsafe state.problem else { return YAMLFault(.memory, at: place) }
        return unsafe YAMLFault(.syntax(String(cString: problem)), at: place)
    }
}
