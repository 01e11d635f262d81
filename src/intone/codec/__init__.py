"""Codecs: samples ↔ codes, one file each.

`codes`, `code_file`, `folder` and `onnx_codec` do without torch.
"""

NOT_FAMILIES = frozenset(
    {"code_file", "codes", "decoder", "folder", "onnx_codec", "sounding", "voice_graph"}
)
