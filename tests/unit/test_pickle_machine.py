"""pickle_machine: nothing a pickle names is called, no operand is believed."""

import operator
import os
import pickle
import shlex
import subprocess

import numpy as np
import pytest

from data_prep import pickle_machine
from data_prep.pickle_machine import PickleMachine

NDARRAY = b"cnumpy\nndarray\n"
DTYPE = b"cnumpy\ndtype\n"
ENCODE = b"c_codecs\nencode\n"


def run(content):
    return PickleMachine(content).run()


class Reduced:
    """Pickles as a call, of which every attack by pickle is made."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced

    def __call__(self):
        """Let a call name another one, as attacks by getattr do."""


def touching(path):
    """Pair attacks that make a file with the first name that they need."""
    code, command = (
        f"open({str(path)!r}, 'w').close()",
        f"touch {shlex.quote(str(path))}",
    )
    module = Reduced(__import__, ("os",))
    chain = Reduced(operator.methodcaller("system", command), (module,))
    getter = Reduced(Reduced(getattr, (module, "system")), (command,))
    return {
        "system": (Reduced(os.system, (command,)), rf"{os.system.__module__}\.system"),
        "eval": (Reduced(eval, (code,)), r"_*builtins?_*\.eval"),
        "exec": (Reduced(exec, (code,)), r"_*builtins?_*\.exec"),
        "getoutput": (
            Reduced(subprocess.getoutput, (command,)),
            r"(subprocess|commands)\.getoutput",
        ),
        "getattr": (getter, r"_*builtins?_*\.getattr"),
        "chain": (chain, "operator.methodcaller"),
        "hidden": ([1, {"a": (Reduced(eval, (code,)),)}], r"_*builtins?_*\.eval"),
    }


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("attack", touching(""))
def test_attack_is_refused_by_name_and_does_nothing(tmp_path, attack, protocol):
    canary = tmp_path / "executed"
    content, name = touching(canary)[attack]
    dumped = pickle.dumps(content, protocol)
    with pytest.raises(ValueError, match=f"refused {name}, which is no plain data"):
        run(dumped)
    assert not canary.exists()


def test_attacks_of_these_tests_are_real(tmp_path):
    for attack, (content, _) in touching(tmp_path / "executed").items():
        pickle.loads(pickle.dumps(content))
        assert (tmp_path / "executed").exists(), attack
        (tmp_path / "executed").unlink()


REFUSED_NAMES = {
    "os.system": b"cos\nsystem\n.",
    "posix.system": b"(S'true'\niposix\nsystem\n.",
    "numpy.ndarray": b"(inumpy\nndarray\n.",
    "numpy.ndarray.tofile": b"\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
    "numpy.matrix": b"cnumpy\nmatrix\n.",
    "numpy.ma.core._mareconstruct": b"cnumpy.ma.core\n_mareconstruct\n.",
    "copyreg._reconstructor": b"ccopyreg\n_reconstructor\n.",
    "builtins.complex": b"cbuiltins\ncomplex\n.",
    "__builtin__.set": b"c__builtin__\nset\n.",
    "a.\\\\x1b\\[31m": b"ca\n\x1b[31m\n.",
}


@pytest.mark.parametrize("name, content", REFUSED_NAMES.items(), ids=str)
def test_name_outside_of_plain_data_is_refused(name, content):
    with pytest.raises(ValueError, match=f"refused {name}, which is no plain data"):
        run(content)


def test_long_name_is_cut_in_the_message():
    with pytest.raises(ValueError) as caught:
        run(b"c" + b"a" * 10_000 + b"\nb\n.")
    assert len(str(caught.value)) < 200


def test_opcodes_of_other_things_than_plain_data_are_refused():
    opcodes = "DUP POP POP_MARK EXT1 EXT2 EXT4 OBJ NEWOBJ NEWOBJ_EX PERSID BINPERSID"
    opcodes += " NEXT_BUFFER READONLY_BUFFER EMPTY_SET FROZENSET ADDITEMS LONG4"
    for name in opcodes.split():
        with pytest.raises(ValueError, match=f"refused opcode {name} at byte 1"):
            run(b"N" + getattr(pickle, name) + b"\n\x01\0\0\0\0.")


def test_unknown_opcode_is_refused():
    with pytest.raises(ValueError, match="refused opcode 0xff, which is unknown"):
        run(b"\xff.")


HUGE = (2**62).to_bytes(8, "little")
HOSTILE = {
    "protocol 6": (b"\x80\x06N.", "protocol above 5"),
    "frame": (b"\x95" + HUGE + b"N.", "frame beyond the file"),
    "BINBYTES8": (b"\x8e" + HUGE + b"ab.", "cut short"),
    "BYTEARRAY8": (b"\x96" + HUGE + b"ab.", "cut short"),
    "BINUNICODE8": (b"\x8d" + HUGE + b"ab.", "cut short"),
    "BINBYTES": (b"B\xff\xff\xff\xffab.", "cut short"),
    "BINSTRING": (b"T\xff\xff\xff\xffab.", "cut short"),
    "LONG1": (b"\x8a\xff" + b"\x7f" * 255 + b".", "more than 64 bits"),
    "INT": (b"I" + b"9" * 10**6 + b"\n.", "number of 1000000 characters"),
    "LONG": (b"L" + b"9" * 39 + b"L\n.", "more than 64 bits"),
    "FLOAT": (b"F" + b"9" * 10**6 + b"\n.", "number of 1000000 characters"),
    "no int": (b"Iabc\n.", "invalid literal"),
    "no float": (b"Fabc\n.", "could not convert"),
    "endless line": (b"I123", "cut short"),
    "PUT": (b"Np99999999999999999999\n.", "refused memo index 9999"),
    "negative PUT": (b"Np-1\n.", "refused memo index -1"),
    "LONG_BINPUT": (b"Nr\xff\xff\xff\xff.", "refused memo index 4294967295"),
    "unknown GET": (b"h\x05.", "memo index 5, where nothing was put"),
    "memo of nothing": (b"\x94.", "finds nothing of its kind"),
    "nothing at the end": (b".", "an end with 0 values"),
    "two values at the end": (b"NN.", "an end with 2 values"),
    "empty stack": (b"\x85.", "takes from an empty stack"),
    "no mark": (b"]Ne.", "needs a mark"),
    "append to nothing": (b"Na.", "finds nothing of its kind"),
    "append to a tuple": (b")Na.", "finds nothing of its kind"),
    "append to a dict": (b"}Na.", "finds nothing of its kind"),
    "append to an array name": (NDARRAY + b"Na.", "finds nothing of its kind"),
    "item of a list": (b"]NNs.", "finds nothing of its kind"),
    "items of a tuple": (b")(NNu.", "finds nothing of its kind"),
    "state of a list": (b"])b.", "finds nothing of its kind"),
    "state of ndarray": (NDARRAY + b")b.", "finds nothing of its kind"),
    "state no tuple": (DTYPE + b"\x8c\x02f4\x89\x88\x87R]b.", "state that is no tuple"),
    "call of text": (b"\x8c\x06system)R.", "something else than an admitted name"),
    "call of a list": (b"])R.", "something else than an admitted name"),
    "call with a list": (DTYPE + b"]R.", "something else than an admitted name"),
    "name of numbers": (b"K\x01K\x02\x93.", "name that is no text"),
    "name not in UTF-8": (b"c\xff\nb\n.", "utf-8"),
    "encode to another": (
        ENCODE + b"\x8c\x02ab\x8c\x03rot\x86R.",
        "forged arguments of _codecs.encode",
    ),
    "quotes": (b"S'ab\n.", "Python 2 cannot have written"),
    "escapes": (rb"S'\N{DIGIT ONE}'" + b"\n.", "Python 2 cannot have written"),
    "marks": (b"(" * 10**6 + b"t" * 10**6 + b".", "open containers"),
}


@pytest.mark.parametrize("content, message", HOSTILE.values(), ids=HOSTILE)
def test_hostile_operand_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        run(content)


def test_second_state_of_an_array_is_refused():
    array = b"cnumpy.core.multiarray\n_reconstruct\n" + NDARRAY + b"))\x87R"
    state = b"(K\x01)" + DTYPE + b"\x8c\x02u1\x89\x88\x87R\x89C\x01at"
    assert run(array + state + b"b.").content == ord("a")
    with pytest.raises(ValueError, match="forged numpy.ndarray state"):
        run(array + state + b"b" + state + b"b.")


def test_text_copied_beyond_the_size_of_the_file_is_refused():
    text = b"X\x10\x27\0\0" + b"a" * 10_000 + b"\x94"
    copy = ENCODE + b"h\0\x8c\x06latin1\x86R"
    with pytest.raises(ValueError, match="larger together than the file"):
        run(text + copy * 5 + b".")


@pytest.mark.parametrize(
    "limit, content",
    [("MAX_OPCODES", b"(" + b"N" * 9 + b"t"), ("MAX_OBJECTS", b"(" + b"]" * 10 + b"t")],
)
def test_limits_hold(monkeypatch, limit, content):
    run(content + b".")
    monkeypatch.setattr(pickle_machine, limit, 10)
    with pytest.raises(ValueError, match="refused more than 10"):
        run(content + b".")


@pytest.mark.parametrize("protocol", range(6))
def test_pickle_cut_short_at_any_byte_is_refused(protocol):
    content = pickle.dumps([np.arange(2, dtype="f4"), {"a": (1.5, b"b")}], protocol)
    run(content)
    for size in range(len(content)):
        with pytest.raises(ValueError):
            run(content[:size])
