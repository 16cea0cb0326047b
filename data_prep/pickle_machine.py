"""A pickle machine that knows the opcodes of plain data and imports nothing.

It ends in a graph of Python values, with memoryviews for bytes, `PickledDict` for
dicts and the stand-ins of `array_rebuild` for arrays. The graph may still share its
parts, hold itself or be very deep: `safe_pickle` copies it out with care.

References: the comments on each opcode in Python's own pickletools.py.
"""

import pickle
import pickletools
import re
from struct import Struct
from types import FunctionType

from data_prep.array_rebuild import ADMITTED, PickledArray, PickledDtype

# 9600 arrays with labels take 0.1 million memo entries and as many objects.
MAX_OBJECTS = 2**21
# 9600 lists of 11025 floats take 107 million opcodes.
MAX_OPCODES = 2**27
# [data, labels] takes 5 marks; only a file made to exhaust memory takes many.
MAX_MARKS = 200
MAX_DIGITS = 40  # of a number written as text, for int() takes quadratic time
HANDLERS = {}  # code of the opcode: method of the machine, parameter for it


def _handles(parameters):
    """Register a method for opcodes, each with the parameter to call it with."""

    def register(method):
        for opcode, parameter in parameters.items():
            HANDLERS[opcode[0]] = method, parameter
        return method

    return register


class PickledDict(list):
    """The keys and values of a dict in turn; to hash hostile keys may crash."""


class PickleMachine:
    """Run the opcodes of one pickle.

    Parameters
    ----------
    data : bytes or bytearray
        The whole pickle, unpacked and untrusted.
    """

    def __init__(self, data):
        self.data = data
        self.view = memoryview(data)  # slices of it copy nothing
        self.position = 0
        self.stack, self.marks, self.memo = [], [], {}
        self.n_objects = self.n_copied = 0

    def run(self):
        """Return what the pickle leaves at its end.

        Returns
        -------
        root : object
            The graph described at the top of this module.

        Raises
        ------
        ValueError
            If an opcode or its operands are not those of plain data.
        """
        for _ in range(MAX_OPCODES):
            if self.position >= len(self.data):
                raise self._cut_short()
            code = self.data[self.position]
            self.position += 1
            if code == pickle.STOP[0]:
                return self._root()
            if code not in HANDLERS:
                raise ValueError(self._unknown(code))
            handle, parameter = HANDLERS[code]
            handle(self, parameter)
        raise ValueError(f"refused more than {MAX_OPCODES} opcodes")

    def _root(self):
        if rest := len(self.data) - self.position:
            raise ValueError(f"{rest} bytes follow the end of the pickle")
        if len(self.stack) != 1:
            raise ValueError(f"refused an end with {len(self.stack)} values, not one")
        return self.stack[0]

    def _unknown(self, code):
        opcode = pickletools.code2op.get(chr(code))
        name = opcode.name if opcode else f"{code:#04x}, which is unknown,"
        return f"refused opcode {name} at byte {self.position - 1}"

    def _cut_short(self):
        return ValueError(f"cut short, or no pickle: ends at byte {len(self.data)}")

    def _take(self, size):
        start = self.position
        if size > len(self.data) - start:
            raise self._cut_short()
        self.position += size
        return self.view[start : self.position]

    def _take_int(self, size):
        return int.from_bytes(self._take(size), "little")

    def _take_line(self):
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise self._cut_short()
        line = bytes(self._take(end - self.position))
        self.position += 1
        return line

    def _take_digits(self):
        line = self._take_line()
        if len(line) > MAX_DIGITS:
            raise ValueError(f"refused a number of {len(line)} characters")
        return line

    def _push(self, value):
        self.n_objects += 1
        if self.n_objects > MAX_OBJECTS:
            raise ValueError(f"refused more than {MAX_OBJECTS} objects")
        self.stack.append(value)

    def _push_int(self, value):
        if not -(2**63) <= value < 2**64:
            raise ValueError("refused an int of more than 64 bits")
        self.stack.append(value)

    def _pop_last(self, count):
        start = len(self.stack) - count
        if start < 0:
            raise ValueError("refused an opcode that takes from an empty stack")
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def _pop_to_mark(self):
        if not self.marks:
            raise ValueError("refused an opcode that needs a mark")
        return self._pop_last(max(0, len(self.stack) - self.marks.pop()))

    def _top(self, *kinds):
        if not self.stack or (kinds and type(self.stack[-1]) not in kinds):
            raise ValueError("refused an opcode that finds nothing of its kind")
        return self.stack[-1]

    @_handles({pickle.PROTO: 1, pickle.FRAME: 8})
    def _heading(self, width):
        limit = 5 if width == 1 else len(self.data)
        if self._take_int(width) > limit:
            raise ValueError("refused a protocol above 5 or a frame beyond the file")

    @_handles({pickle.NONE: None, pickle.NEWTRUE: True, pickle.NEWFALSE: False})
    def _constant(self, value):
        self.stack.append(value)

    @_handles({pickle.BININT: Struct("<i"), pickle.BININT1: Struct("<B")})
    @_handles({pickle.BININT2: Struct("<H"), pickle.BINFLOAT: Struct(">d")})
    def _number(self, layout):
        start = self.position
        self.position += layout.size
        if self.position > len(self.data):
            raise self._cut_short()
        self.stack.append(layout.unpack_from(self.data, start)[0])

    @_handles({pickle.LONG1: None})
    def _long(self, _):
        size = self._take_int(1)
        self._push_int(int.from_bytes(self._take(size), "little", signed=True))

    @_handles({pickle.INT: b"", pickle.LONG: b"L"})
    def _int_line(self, suffix):
        line = self._take_digits()
        if line in (b"00", b"01"):  # False and True of protocols 0 and 1
            self.stack.append(line == b"01")
        else:
            self._push_int(int(line.removesuffix(suffix)))

    @_handles({pickle.FLOAT: None})
    def _float_line(self, _):
        self.stack.append(float(self._take_digits()))

    @_handles({pickle.BINSTRING: (4, "latin1"), pickle.SHORT_BINSTRING: (1, "latin1")})
    @_handles({pickle.BINUNICODE: (4, "utf-8"), pickle.BINUNICODE8: (8, "utf-8")})
    @_handles({pickle.SHORT_BINUNICODE: (1, "utf-8")})
    def _text(self, width_and_encoding):
        width, encoding = width_and_encoding
        self._push(str(self._take(self._take_int(width)), encoding))

    @_handles({pickle.UNICODE: None})
    def _text_line(self, _):
        self._push(self._take_line().decode("raw_unicode_escape"))

    @_handles({pickle.STRING: None})
    def _quoted_line(self, _):
        quoted = re.fullmatch(rb"(['\"])(.*)\1", self._take_line(), re.DOTALL)
        # repr() of Python 2 writes six escapes; of others the codec would warn.
        if not quoted or re.search(rb"\\(?!['\"nrtx])", quoted[2].replace(rb"\\", b"")):
            raise ValueError("refused a text that Python 2 cannot have written")
        self._push(quoted[2].decode("unicode_escape"))

    @_handles({pickle.BINBYTES: 4, pickle.SHORT_BINBYTES: 1})
    @_handles({pickle.BINBYTES8: 8, pickle.BYTEARRAY8: 8})
    def _bytes(self, width):
        self._push(self._take(self._take_int(width)))

    @_handles({pickle.MARK: None})
    def _mark(self, _):
        if len(self.marks) == MAX_MARKS:
            raise ValueError(f"refused more than {MAX_MARKS} open containers")
        self.marks.append(len(self.stack))

    @_handles({pickle.EMPTY_LIST: list, pickle.EMPTY_DICT: PickledDict})
    def _empty(self, container):
        self._push(container())

    @_handles({pickle.LIST: list, pickle.DICT: PickledDict, pickle.TUPLE: tuple})
    def _container(self, container):
        self._push(container(self._pop_to_mark()))

    @_handles({pickle.EMPTY_TUPLE: 0, pickle.TUPLE1: 1})
    @_handles({pickle.TUPLE2: 2, pickle.TUPLE3: 3})
    def _short_tuple(self, size):
        self._push(tuple(self._pop_last(size)))

    @_handles({pickle.APPEND: (list, 1), pickle.SETITEM: (PickledDict, 2)})
    @_handles({pickle.APPENDS: (list, None), pickle.SETITEMS: (PickledDict, None)})
    def _add(self, container_and_count):
        container, count = container_and_count
        values = self._pop_last(count) if count else self._pop_to_mark()
        self._top(container).extend(values)

    def _take_index(self, width):
        return self._take_int(width) if width else int(self._take_digits())

    @_handles({pickle.PUT: 0, pickle.BINPUT: 1, pickle.LONG_BINPUT: 4})
    @_handles({pickle.MEMOIZE: None})
    def _put(self, width):
        index = len(self.memo) if width is None else self._take_index(width)
        # Python 3 counts from 0, Python 2 from 1. An index beyond would let the file
        # choose the hashes of the memo, or how large it is.
        if not 0 <= index <= len(self.memo) + 1 <= MAX_OBJECTS:
            raise ValueError(f"refused memo index {index} after {len(self.memo)}")
        self.memo[index] = self._top()

    @_handles({pickle.GET: 0, pickle.BINGET: 1, pickle.LONG_BINGET: 4})
    def _get(self, width):
        index = self._take_index(width)
        if index not in self.memo:
            raise ValueError(f"refused memo index {index}, where nothing was put")
        self.stack.append(self.memo[index])

    @_handles({pickle.GLOBAL: ADMITTED, pickle.INST: {}})
    def _name_in_lines(self, admitted):
        module, name = str(self._take_line(), "utf-8"), str(self._take_line(), "utf-8")
        self._push_named(module, name, admitted)

    @_handles({pickle.STACK_GLOBAL: ADMITTED})
    def _name_on_stack(self, admitted):
        module, name = self._pop_last(2)
        if type(module) is not str or type(name) is not str:
            raise ValueError("refused a name that is no text")
        self._push_named(module, name, admitted)

    def _push_named(self, module, name, admitted):
        if (module, name) not in admitted:
            shown = ascii(f"{module}.{name}")[1:-1][:80]
            raise ValueError(f"refused {shown}, which is no plain data")
        self.stack.append(admitted[module, name])

    @_handles({pickle.REDUCE: None})
    def _call(self, _):
        stand_in, args = self._pop_last(2)
        if type(stand_in) is not FunctionType or type(args) is not tuple:
            raise ValueError("refused a call of something else than an admitted name")
        self._count_copied(args)
        self._push(stand_in(args))

    @_handles({pickle.BUILD: None})
    def _set_state(self, _):
        (state,) = self._pop_last(1)
        target = self._top(PickledArray, PickledDtype)
        if type(state) is not tuple:
            raise ValueError("refused a state that is no tuple")
        self._count_copied(state)
        target.build(state)

    def _count_copied(self, parts):
        # Each byte of an array comes from the file, at most by way of one text. More
        # of them means that many arrays share their bytes, to exhaust memory.
        texts = (str, bytes, memoryview)
        self.n_copied += sum(len(part) for part in parts if type(part) in texts)
        if self.n_copied > 2 * len(self.data):
            raise ValueError("refused arrays that are larger together than the file")
