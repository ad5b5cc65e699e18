using Unroll.Core;

namespace Unroll.Exchange.PyTorch;

/// <summary>
/// Reads a pickle without Python and without running anything: names of classes and functions stay names, and what calling them would have made
/// stays a box with the name, the arguments and the state. See <see cref="PickleCalls"/> for the few that make tensors and dictionaries.
/// </summary>
/// <remarks>
/// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py. Those of protocol 0, which PyTorch never wrote, and those that ask for
/// objects outside the pickle (extensions, buffers, names in text) are refused by name.
/// </remarks>
/// <param name="input">The bytes.</param>
/// <param name="storage">Makes a storage out of what the pickle says of one that lies outside it.</param>
internal sealed class PickleReader(PickleInput input, Func<PyTuple, object?> storage)
{
    private const int MostSteps = 2_000_000, MostContainers = 1_000_000;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _steps, _containers;

    /// <summary>Reads one pickle, up to its end.</summary>
    /// <exception cref="UserErrorException">It is cut short, damaged, too large, or has an opcode that is not read.</exception>
    internal object? Read()
    {
        while (true)
        {
            if (++_steps > MostSteps) throw input.Bad($"more than {MostSteps:N0} steps");
            int code = input.Byte();
            if (code == '.') break;
            if (!Number(code) && !Text(code) && !Container(code) && !Remembered(code) && !Called(code)) throw Unknown(code);
        }
        object? made = Pop();
        return _stack.Count == 0 && _marks.Count == 0 ? made : throw input.Bad($"{_stack.Count} values left over at its end");
    }

    private bool Number(int code)
    {
        switch (code)
        {
            case 0x80: Version(input.Byte()); break;
            case 0x95: Frame(input.I64()); break;
            case 'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case 'J': Push((long)input.I32()); break;
            case 'K': Push((long)input.Byte()); break;
            case 'M': Push((long)input.U16()); break;
            case 0x8a: Push(Whole(input.Bytes(input.Byte()))); break;
            case 0x8b: Push(Whole(input.Bytes(input.I32()))); break;
            case 'G': Push(input.F64()); break;
            default: return false;
        }
        return true;
    }

    private bool Text(int code)
    {
        switch (code)
        {
            case 'X': Push(input.Text(input.U32())); break;
            case 0x8c: Push(input.Text(input.Byte())); break;
            case 0x8d: Push(input.Text(input.I64())); break;
            case 'U': Push(input.Text(input.Byte())); break;                // Python 2's texts
            case 'T': Push(input.Text(input.I32())); break;
            case 'B': Push(input.Bytes(input.U32())); break;
            case 'C': Push(input.Bytes(input.Byte())); break;
            case 0x8e or 0x96: Push(input.Bytes(input.I64())); break;
            default: return false;
        }
        return true;
    }

    private bool Container(int code)
    {
        switch (code)
        {
            case '(': _marks.Push(_stack.Count); break;
            case ')': Push(new PyTuple([])); break;
            case 't': Push(Made(new PyTuple(AboveMark()))); break;
            case 0x85: Push(Made(new PyTuple([Pop()]))); break;
            case 0x86: Push(Made(new PyTuple(Last(2)))); break;
            case 0x87: Push(Made(new PyTuple(Last(3)))); break;
            case ']': Push(Made(new PyList())); break;
            case '}': Push(Made(new PyDict())); break;
            case 0x8f: Push(Made(new PySet())); break;
            case 'l': Append(AboveMark(), Made(new PyList())); break;
            case 'd': Set(AboveMark(), Made(new PyDict())); break;
            case 0x91: Push(Made(new PySet { Count = AboveMark().Length })); break;
            case 'a': Append([Pop()], null); break;
            case 'e': Append(AboveMark(), null); break;
            case 's': Set(Last(2), null); break;
            case 'u': Set(AboveMark(), null); break;
            case 0x90: Add(AboveMark().Length); break;
            default: return false;
        }
        return true;
    }

    private bool Remembered(int code)
    {
        switch (code)
        {
            case 'q': _memo[(uint)input.Byte()] = Top(); break;
            case 'r': _memo[input.U32()] = Top(); break;
            case 0x94: _memo[(uint)_memo.Count] = Top(); break;
            case 'h': Push(Recalled((uint)input.Byte())); break;
            case 'j': Push(Recalled(input.U32())); break;
            case '0': Pop(); break;
            case '1': AboveMark(); break;
            case '2': Push(Top()); break;
            default: return false;
        }
        return true;
    }

    private bool Called(int code)
    {
        switch (code)
        {
            case 'c': Push(new PyGlobal(input.Line(), input.Line())); break;
            case 0x93: Push(Last(2) is [string module, string name] ? new PyGlobal(module, name) : throw input.Bad("a global without a name")); break;
            case 'R': Call(Last(2)); break;
            case 0x81: Make(Last(2)); break;
            case 0x92: Make(Last(3)); break;
            case 'b': Build(); break;
            case 'Q': Push(Pop() is PyTuple id ? storage(id) : throw input.Bad("something outside it that is no storage")); break;
            default: return false;
        }
        return true;
    }

    private void Call(object?[] parts)
    {
        if (parts is not [var called, PyTuple given]) throw input.Bad("a call with what are no arguments");
        Push(Made(PickleCalls.Call(Named(called), given, input)));
    }

    private void Make(object?[] parts) => Push(Made(new PyBox(Named(parts[0]), parts[1])));

    // A class that lies in another one is itself made by a call, and stays the box of that.
    private PyGlobal Named(object? called) => called switch
    {
        PyGlobal of => of,
        PyBox box => box.Of with { Name = box.Of.Name + "()" },
        _ => throw input.Bad("a call of what is no class or function"),
    };

    private UserErrorException Unknown(int code) => input.Bad(code switch
    {
        'i' or 'o' => "an opcode that makes objects in the way of protocol 0 (INST, OBJ), which is not read",
        0x82 or 0x83 or 0x84 => "an opcode of the extension registry (EXT), which is not read",
        0x97 or 0x98 => "an opcode for a buffer outside it, which is not read",
        'P' => "an opcode that names an object outside it by a text (PERSID), which is not read",
        'I' or 'L' or 'F' or 'S' or 'V' or 'g' or 'p' => $"an opcode of protocol 0 ('{(char)code}'), in which PyTorch never wrote",
        _ => $"a byte 0x{code:x2} where an opcode should be",
    });

    private void Version(int version)
    {
        if (version is < 2 or > 5) throw input.Bad($"the protocol {version}, and 2 to 5 are read");
    }

    private void Frame(long length)
    {
        if (length < 0 || length > input.Left) throw input.Bad($"a frame of {length} bytes, and {input.Left} are left");
    }

    // Two's complement, little-endian, of as few bytes as needed.
    private static object Whole(byte[] bytes)
    {
        if (bytes.Length > 8) return new PyInteger(bytes);
        long value = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }

    private void Append(object?[] items, PyList? anew)
    {
        if (anew is not null) Push(anew);
        PyList into = Top() switch
        {
            PyList list => list,
            PyBox box => box.Items ??= new PyList(),
            _ => throw input.Bad("elements for what is no list"),
        };
        into.Items.AddRange(items);
    }

    private void Set(object?[] pairs, PyDict? anew)
    {
        if (anew is not null) Push(anew);
        PyDict into = Top() switch
        {
            PyDict dictionary => dictionary,
            PyBox box => box.Entries ??= new PyDict(),
            _ => throw input.Bad("entries for what is no dictionary"),
        };
        if (pairs.Length % 2 != 0) throw input.Bad("a key without a value");
        for (int i = 0; i < pairs.Length; i += 2) into.Set(pairs[i], pairs[i + 1]);
    }

    private void Add(int count)
    {
        if (Top() is PySet set) set.Count += count;
        else if (Top() is not PyBox) throw input.Bad("elements for what is no set");
    }

    // Attributes of dictionaries, such as the versions of the modules of a state_dict, are no weights.
    private void Build()
    {
        object? state = Pop();
        switch (Top())
        {
            case PyBox box: box.State = state; break;
            case PyTensor when state is PyTuple { Items: [PyStorage, ..] }:
                throw input.Bad("a tensor in the way of PyTorch before 0.4, which is not read");
            case PyDict or PyTensor or PyUnread: break;
            default: throw input.Bad("a state for what is no object");
        }
    }

    private object? Recalled(uint place) => _memo.TryGetValue(place, out object? value) ? value : throw input.Bad($"nothing remembered as {place}");

    private T Made<T>(T container) => ++_containers > MostContainers
        ? throw input.Bad($"more than {MostContainers:N0} containers and objects") : container;

    private void Push(object? value) => _stack.Add(value);

    private int Floor => _marks.Count > 0 ? _marks.Peek() : 0;

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw input.Bad("fewer values than it uses");

    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private object?[] Last(int count)
    {
        if (_stack.Count - count < Floor) throw input.Bad("fewer values than it uses");
        object?[] last = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return last;
    }

    private object?[] AboveMark()
    {
        if (!_marks.TryPop(out int mark)) throw input.Bad("no mark where one is needed");
        object?[] above = [.. _stack[mark..]];
        _stack.RemoveRange(mark, above.Length);
        return above;
    }
}
