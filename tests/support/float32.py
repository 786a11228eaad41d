"""Runs a module's arithmetic in single precision on CPython, as the boards do.

Every constant, operation and call result is rounded to float32. It is a stand-in for the rp2 and
esp32 builds, whose `float` is a C float; math functions here are computed in double and rounded,
which the boards' libraries come near to, not exactly to.
"""

import ast
import struct
import types


def rounded(value):
    """`value` as the nearest float32 when it is a float, otherwise unchanged."""
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


class _RoundEverything(ast.NodeTransformer):
    def _wrapped(self, node):
        self.generic_visit(node)
        call = ast.Call(ast.Name("_rounded", ast.Load()), [node], [])
        return ast.copy_location(call, node)

    visit_BinOp = _wrapped
    visit_Call = _wrapped

    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(rounded(node.value)), node)


def load(path):
    """The module at `path`, its arithmetic in float32."""
    with open(path) as f:
        tree = _RoundEverything().visit(ast.parse(f.read(), path))
    module = types.ModuleType(path)
    module.__dict__["_rounded"] = rounded
    exec(compile(ast.fix_missing_locations(tree), path, "exec"), module.__dict__)
    return module
