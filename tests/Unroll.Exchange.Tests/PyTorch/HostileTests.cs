using System.Diagnostics;
using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.PyTorch;

namespace Unroll.Exchange.Tests.PyTorch;

/// <summary>
/// Pickles that would run code, exhaust memory or never end: each is refused in one line or read as inert boxes, in under a second and 512 MB.
/// </summary>
public sealed class HostileTests
{
    // Each takes well under a second by itself; a machine that does other work may take longer, and what unfolds or hangs takes minutes.
    private const double Most = 20;

    private static readonly string s_made = Path.Combine(Path.GetTempPath(), "unroll-hostile-made");
    private static readonly byte[] s_four = new byte[16];

    private static readonly (string Name, Func<byte[]> Make, string Says)[] s_cases =
    [
        // what would be called: a box that nobody looks into, beside no tensors at all
        .. Dangerous().Select(one => ($"reduce {one.Module}.{one.Name}", (Func<byte[]>)(() => Zip(Pickle().Call(one.Module, one.Name,
            one.Argument).End())), "holds no tensors")),
        ("reduce with a tuple of one", () => Zip(Pickle().Global("os", "system").Text($"touch {s_made}").Raw(0x85).Ops("R").End()),
            "holds no tensors"),
        ("nested reduce", () => Zip(Pickle().Global("builtins", "eval").Op('(').Call("builtins", "compile", "1", "f", "eval").Ops("tR").End()),
            "holds no tensors"),
        ("a call of what a call made", () => Zip(Pickle().Call("builtins", "getattr", "os",
            "system").Op('(').Text($"touch {s_made}").Ops("tR").End()), "holds no tensors"),
        ("stack global", () => Zip(Pickle(4).Text("os").Text("system").Raw(0x93).Text($"touch {s_made}").Raw(0x85).Op('R').End()),
            "holds no tensors"),
        ("new object", () => Zip(Pickle().Global("subprocess", "Popen").Text($"touch {s_made}").Raw(0x85, 0x81).End()), "holds no tensors"),
        ("new object with keywords", () => Zip(Pickle(4).Global("subprocess", "Popen").Ops(")}").Raw(0x92).End()), "holds no tensors"),
        ("state for a box", () => Zip(Pickle().Global("os", "_wrap_close").Raw(0x29, 0x81).Op('}').Text("__class__").Text("x").Ops("sb").End()),
            "holds no tensors"),
        ("setitem on a box", () => Zip(Pickle().Global("os", "environ").Raw(0x29, 0x81).Text("PATH").Text("/").Op('s').End()), "holds no tensors"),
        ("append to a box", () => Zip(Pickle().Global("sys", "path").Raw(0x29, 0x81).Text("/").Op('a').End()), "holds no tensors"),
        ("state for a global", () => Zip(Pickle().Global("os", "system").Op('}').Op('b').End()), "a state for what is no object"),
        ("setitem on a global", () => Zip(Pickle().Global("os", "environ").Text("a").Text("b").Op('s').End()), "entries for what is no dictionary"),
        ("append to a global", () => Zip(Pickle().Global("sys", "path").Text("/").Op('a').End()), "elements for what is no list"),
        ("a call of a text", () => Zip(Pickle().Text("os.system").Op(')').Op('R').End()), "a call of what is no class or function"),
        ("a call with a list", () => Zip(Pickle().Global("os", "system").Op(']').Op('R').End()), "what are no arguments"),
        ("INST", () => Zip(Pickle().Op('(').Text($"touch {s_made}").Ops("ios\nsystem\n").End()), "INST, OBJ"),
        ("OBJ", () => Zip(Pickle().Op('(').Global("os", "system").Text($"touch {s_made}").Op('o').End()), "INST, OBJ"),
        ("EXT1", () => Zip(Pickle().Raw(0x82, 1).End()), "EXT"),
        ("EXT2", () => Zip(Pickle().Raw(0x83, 1, 0).End()), "EXT"),
        ("EXT4", () => Zip(Pickle().Raw(0x84, 1, 0, 0, 0).End()), "EXT"),
        ("PERSID", () => Zip(Pickle().Ops("Pabc\n").End()), "PERSID"),
        ("protocol 0", () => Zip([.. "cos\nsystem\n(S'touch x'\ntR."u8]), "an opcode of protocol 0 ('S')"),
        ("protocol 9", () => Zip(Pickle(9).End()), "the protocol 9"),
        ("a buffer outside", () => Zip(Pickle(5).Raw(0x97).End()), "a buffer outside it"),
        ("something else outside", () => Zip(Pickle().Op('(').Text("file").Text("/etc/passwd").Ops("tQ").End()), "no storage"),
        ("a text outside", () => Zip(Pickle().Text("storage").Op('Q').End()), "no storage"),
        ("an unknown opcode", () => Zip(Pickle().Raw(0xFF).End()), "a byte 0xff where an opcode should be"),
        ("a long text", () => Zip(Pickle().Op('X').U32(0xFFFFFFFF).End()), "a text or number of 4294967295 bytes"),
        ("a long text of 8 bytes", () => Zip(Pickle(4).Raw(0x8d, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F).End()), "bytes, and 1 are left"),
        ("a text of a negative length", () => Zip(Pickle(4).Raw(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80).End()), "bytes, and 1 are left"),
        ("long bytes", () => Zip(Pickle(4).Op('B').U32(0xFFFFFFF0).End()), "bytes, and 1 are left"),
        ("a long integer", () => Zip(Pickle().Raw(0x8b).U32(0x7FFFFFFF).End()), "bytes, and 1 are left"),
        ("an integer of a negative length", () => Zip(Pickle().Raw(0x8b).U32(0x80000000).End()), "bytes, and 1 are left"),
        ("a large integer", () => Zip(Pickle().Raw(0x8b).U32(1000).Raw(new byte[1000]).End()), "holds no tensors"),
        ("a long frame", () => Zip(Pickle(4).Raw(0x95, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F).End()), "a frame of"),
        ("no end", () => Zip(Pickle().Op('}').Bytes()), "cut short within its pickle"),
        ("nothing", () => Zip([]), "cut short within its pickle"),
        ("an end at once", () => Zip(Pickle().End()), "fewer values than it uses"),
        ("values left over", () => Zip(Pickle().Ops("NN").End()), "1 values left over"),
        ("bytes after the end", () => Zip([.. Pickle().Op('}').End(), 1, 2]), "2 bytes after its end"),
        ("no mark", () => Zip(Pickle().Op('t').End()), "no mark"),
        ("pop below a mark", () => Zip(Pickle().Ops("N(0").End()), "fewer values than it uses"),
        ("nothing remembered", () => Zip(Pickle().Ops("h\x05").End()), "nothing remembered as 5"),
        ("a key without a value", () => Zip(Pickle().Ops("}(Nu").End()), "a key without a value"),
        ("endless duplicates", () => Zip(Repeated("N", "2", 4_000_000)), "more than 2,000,000 steps"),
        ("endless lists", () => Zip(Repeated("", "]", 2_000_000)), "more than 1,000,000 containers"),
        ("a memo bomb", () => Zip(Bomb(40, 10)), "unfolds to more than 200,000 places"),
        ("a memo bomb of dictionaries", () => Zip(BombOfDictionaries(60)), "unfolds to more than 200,000 places"),
        ("deep nesting", () => Zip(Deep(100_000)), "nested deeper than 200"),
        ("what holds itself", () => Zip(Pickle().Raw((byte)']', (byte)'q', 1, (byte)'h', 1, (byte)'a').End()), "holds no tensors"),
        ("a storage that claims more than its record", () => Zip(Pickle().Tensor("0", 1L << 20, [1024, 1024], [1024, 1]).End(), ("0", s_four)),
            "its record has 16"),
        ("a storage of 2^62", () => Zip(Pickle().Tensor("0", 1L << 62, [4], [1]).End(), ("0", s_four)), "elements"),
        ("an expanded tensor of 2^40", () => Zip(Pickle().Tensor("0", 4, [1 << 20, 1 << 20], [0, 0]).End(), ("0", s_four)),
            "its tensors would have more than"),
        ("2^62 elements", () => Zip(Pickle().Tensor("0", 4, [int.MaxValue, int.MaxValue, int.MaxValue], [0, 0, 0]).End(), ("0", s_four)),
            "more elements than can be counted"),
        ("many expanded tensors", () => Zip(Many(200), ("0", s_four)), "its tensors would have more than"),
        ("a tensor behind its storage", () => Zip(Pickle().Tensor("0", 4, [2, 2], [2, 2]).End(), ("0", s_four)),
            "last element is number 4 of a storage of 4"),
        ("a tensor that begins behind its storage", () => Zip(Pickle().Tensor("0", 4, [1], [1], offset: 4).End(), ("0", s_four)),
            "of a storage of 4"),
        ("a negative offset", () => Zip(Pickle().Tensor("0", 4, [1], [1], offset: -1).End(), ("0", s_four)), "begins at element -1"),
        ("a negative size", () => Zip(Pickle().Tensor("0", 4, [-4], [1]).End(), ("0", s_four)), "no whole number from 0"),
        ("a negative stride", () => Zip(Pickle().Tensor("0", 4, [4], [-1]).End(), ("0", s_four)), "no whole number from 0"),
        ("strides that overflow", () => Zip(Pickle().Tensor("0", 4, [int.MaxValue, 2], [long.MaxValue / 8, 1]).End(), ("0", s_four)),
            "ends behind all storages"),
        ("a storage without a record", () => Zip(Pickle().Tensor("../../etc/passwd", 4, [4], [1]).End()), "has no record"),
        ("a storage of another type", () => Zip(Pickle().Tensor("0", 4, [4], [1], type: "EvilStorage").End(), ("0", s_four)),
            "torch.EvilStorage, which is not known"),
        ("a quantized tensor", () => Zip(Pickle().Ops("}").Text("w").Call("torch._utils", "_rebuild_qtensor", "x").Op('s').End()),
            "'w' is a quantized tensor"),
        ("a sparse tensor", () => Zip(Pickle().Ops("}").Text("w").Call("torch._utils", "_rebuild_sparse_tensor", "x").Op('s').End()),
            "'w' is a sparse tensor"),
    ];

    public static TheoryData<string> Cases => [.. s_cases.Select(one => one.Name)];

    [Theory, MemberData(nameof(Cases))]
    public void A_hostile_pickle_makes_nothing_and_is_refused_at_once(string name)
    {
        (_, Func<byte[]> make, string says) = s_cases.Single(one => one.Name == name);
        byte[] bytes = make();
        (UserErrorException error, double seconds, long bytesMade) = Refused(bytes);
        Assert.InRange(seconds, 0, Most);
        Assert.InRange(bytesMade, 0, 512 << 20);
        Assert.Contains(says, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(s_made));
    }

    private static (UserErrorException, double, long) Refused(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch clock = Stopwatch.StartNew();
        UserErrorException error = Assert.Throws<UserErrorException>(() => PyTorchCheckpoint.Read(new MemoryStream(bytes), "x.pth"));
        return (error, clock.Elapsed.TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void There_are_sixty_of_them() => Assert.InRange(s_cases.Length, 60, 200);

    [Fact]
    public void Weights_beside_a_hostile_call_are_read_and_the_call_stays_a_box()
    {
        byte[] pickle = Pickle().Op('}').Op('(').Text("hook").Call("os", "system", $"touch {s_made}").Text("w").Tensor("0", 4, [2, 2],
            [1, 2]).Op('u').End();
        byte[] numbers = [.. new float[] { 1, 2, 3, 4 }.SelectMany(BitConverter.GetBytes)];
        WeightsFile file = PyTorchCheckpoint.Read(new MemoryStream(Zip(pickle, ("0", numbers))), "x.pth");
        Assert.Equal([1, 3, 2, 4], Assert.Single(file.Tensors).Float32.ToArray());
        Assert.False(File.Exists(s_made));
    }

    private static (string Module, string Name, string Argument)[] Dangerous() =>
    [
        ("os", "system", $"touch {s_made}"), ("posix", "system", $"touch {s_made}"), ("nt", "system", "x"), ("subprocess", "check_output",
            $"touch {s_made}"),
        ("builtins", "eval", "1"), ("builtins", "exec", "1"), ("__builtin__", "eval", "1"), ("builtins", "open", s_made), ("builtins", "__import__",
            "os"),
        ("runpy", "_run_code", "1"), ("importlib", "import_module", "os"), ("pickle", "loads", "x"), ("torch", "load", "x"), ("torch.storage",
            "_load_from_bytes", "x"),
        ("shutil", "rmtree", "/"), ("socket", "create_connection", "x"), ("torch.hub", "load", "x"), ("numpy", "load", "x"),
            ("operator", "attrgetter", "x"),
        ("functools", "partial", "x"), ("webbrowser", "open", "x"), ("ctypes", "CDLL", "x"), ("torch.serialization", "load", "x"),
        ("torch._inductor.codecache", "compile_file", "x"), ("torch.jit.unsupported_tensor_ops", "execWrapper", "x"),
    ];

    private static PickleBytes Pickle(int protocol = 2) => PickleBytes.Begin(protocol);

    private static byte[] Zip(byte[] pickle, params (string, byte[])[] storages) => PickleBytes.Zip(pickle, storages);

    private static byte[] Repeated(string first, string code, int times) => Pickle().Ops(first).Raw([.. Enumerable.Repeat((byte)code[0],
        times)]).End();

    // Each list has the one before ten times: 10^40 places in a few hundred bytes.
    private static byte[] Bomb(int depth, int times)
    {
        PickleBytes pickle = Pickle().Ops("]q\x00");
        for (int i = 1; i < depth; i++)
        {
            pickle.Ops("](");
            for (int k = 0; k < times; k++) pickle.Raw((byte)'h', (byte)(i - 1));
            pickle.Raw((byte)'e', (byte)'q', (byte)i);
        }
        return pickle.EndAll();
    }

    private static byte[] BombOfDictionaries(int depth)
    {
        PickleBytes pickle = Pickle().Ops("}q\x00");
        for (int i = 1; i < depth; i++)
        {
            pickle.Ops("}(").Text("a").Raw((byte)'h', (byte)(i - 1)).Text("b").Raw((byte)'h', (byte)(i - 1)).Raw((byte)'u', (byte)'q', (byte)i);
        }
        return pickle.EndAll();
    }

    private static byte[] Deep(int depth) => Pickle().Op('N').Raw([.. Enumerable.Repeat((byte)0x85, depth)]).End();

    private static byte[] Many(int tensors)
    {
        PickleBytes pickle = Pickle().Ops("}(");
        for (int i = 0; i < tensors; i++) pickle.Text($"w{i}").Tensor("0", 4, [1 << 20], [0]);
        return pickle.Op('u').End();
    }
}

/// <summary>Ends pickles that have left earlier values below the last one.</summary>
internal static class PickleEnds
{
    /// <summary>Puts everything that is on the stack into one tuple, so that nothing is left over.</summary>
    public static byte[] EndAll(this PickleBytes pickle)
    {
        byte[] bytes = pickle.Bytes();
        return [.. bytes[..2], (byte)'(', .. bytes[2..], (byte)'t', (byte)'.'];
    }
}
