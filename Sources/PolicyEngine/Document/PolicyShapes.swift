// SPDX-License-Identifier: Apache-2.0

extension Policy {
    /// Everything that a policy file may hold, by place, as its readers ask for it.
    package static var shapes: [String: ShapeRecorder.Shape] {
        let diagnostics = Diagnostics(file: "", meanwhile: "")
        let recorder = ShapeRecorder()
        diagnostics.shapes = recorder
        PolicyReader(diagnostics: diagnostics).probe()
        return recorder.shapes
    }
}
