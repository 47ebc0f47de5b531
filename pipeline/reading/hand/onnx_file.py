"""Just enough of ONNX files to read weights out, put others in, and keep the first part of a net.

An ONNX file is one protocol-buffer message: fields, each a key and a value, nested ones with
their length in front. Field numbers are those of ``onnx.proto`` (ONNX IR, opset 17). The
``onnx`` package would do the same for 70 MB.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import WeightsError

Floats = NDArray[np.float32]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_OUTPUT = 1, 5, 12
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9
_FLOAT = 1
_INFO_NAME = 1


@dataclass(frozen=True)
class _Field:
    """A field of a message. ``start`` and ``stop`` are its value's, ``begin`` its key's place."""

    number: int
    kind: int
    begin: int
    start: int
    stop: int
    value: int = 0


@dataclass(frozen=True)
class _Weights:
    shape: tuple[int, ...]
    start: int
    stop: int


def weights_of(model: bytes) -> dict[str, Floats]:
    """All weights (initializers) of single precision, by name.

    Raises:
        WeightsError: not an ONNX file.
    """
    return {
        name: np.frombuffer(model[at.start : at.stop], "<f4").reshape(at.shape)
        for name, at in _places(model).items()
    }


def with_weights(model: bytes, fresh: Mapping[str, Floats]) -> bytes:
    """The same net with some weights replaced.

    Raises:
        WeightsError: the net has no such weights, or of another shape.
    """
    places, changed = _places(model), bytearray(model)
    for name, tensor in fresh.items():
        at = places.get(name)
        if at is None or at.shape != tensor.shape:
            raise WeightsError(f"{name} {tensor.shape}")
        changed[at.start : at.stop] = np.ascontiguousarray(tensor, "<f4").tobytes()
    return bytes(changed)


def part_before(model: bytes, weight: str) -> tuple[bytes, str]:
    """The net up to what goes into the layer that uses a weight, and the name of that output.

    Raises:
        WeightsError: no layer uses the weight.
    """
    graph = _graph(model)
    kept: list[bytes] = []
    output = ""
    for field in _fields(model, graph.start, graph.stop):
        if field.number == _GRAPH_NODE:
            if output:
                continue
            inputs = _strings(model, field, _NODE_INPUT)
            if weight in inputs:
                output = inputs[0]
                continue
        elif field.number == _GRAPH_OUTPUT:
            continue
        kept.append(model[field.begin : field.stop])
    if not output:
        raise WeightsError(f"{weight}?")
    # Shape and type of the output are left open: the runtime works them out.
    said = _message(_INFO_NAME, output.encode())
    body = b"".join((*kept, _message(_GRAPH_OUTPUT, said)))
    return model[: graph.begin] + _message(_MODEL_GRAPH, body) + model[graph.stop :], output


def _places(model: bytes) -> dict[str, _Weights]:
    graph = _graph(model)
    found: dict[str, _Weights] = {}
    for field in _fields(model, graph.start, graph.stop):
        if field.number != _GRAPH_INITIALIZER:
            continue
        name, kind, raw = "", 0, None
        shape: list[int] = []
        for part in _fields(model, field.start, field.stop):
            if part.number == _TENSOR_DIMS:
                shape += _numbers(model, part)
            elif part.number == _TENSOR_TYPE:
                kind = part.value
            elif part.number == _TENSOR_NAME:
                name = model[part.start : part.stop].decode()
            elif part.number == _TENSOR_RAW:
                raw = part
        if kind == _FLOAT and raw is not None and raw.stop - raw.start == 4 * math.prod(shape):
            found[name] = _Weights(tuple(shape), raw.start, raw.stop)
    return found


def _graph(model: bytes) -> _Field:
    for field in _fields(model, 0, len(model)):
        if field.number == _MODEL_GRAPH and field.kind == _BYTES:
            return field
    raise WeightsError("ONNX?")


def _strings(model: bytes, message: _Field, number: int) -> list[str]:
    return [
        model[field.start : field.stop].decode()
        for field in _fields(model, message.start, message.stop)
        if field.number == number
    ]


def _numbers(model: bytes, field: _Field) -> list[int]:
    """A repeated number, packed into one field or alone."""
    if field.kind == _VARINT:
        return [field.value]
    found, at = [], field.start
    while at < field.stop:
        value, at = _varint(model, at)
        found.append(value)
    return found


def _fields(data: bytes, at: int, stop: int) -> Iterator[_Field]:
    while at < stop:
        begin = at
        key, at = _varint(data, at)
        kind, value = key & 7, 0
        if kind == _VARINT:
            start = at
            value, at = _varint(data, at)
        elif kind == _BYTES:
            length, start = _varint(data, at)
            at = start + length
        elif kind in (_FIXED32, _FIXED64):
            start = at
            at += 4 if kind == _FIXED32 else 8
        else:
            raise WeightsError(f"ONNX: {kind}")
        if at > stop:
            raise WeightsError("ONNX: EOF")
        yield _Field(key >> 3, kind, begin, start, at, value)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise WeightsError("ONNX: EOF")


def _message(number: int, body: bytes) -> bytes:
    return _coded(number << 3 | _BYTES) + _coded(len(body)) + body


def _coded(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
