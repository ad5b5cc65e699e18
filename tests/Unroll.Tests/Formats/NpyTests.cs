using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Tests.Formats;

public sealed class NpyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new int[] { })]
    [InlineData(new[] { 3 })]
    [InlineData(new[] { 2, 3 })]
    [InlineData(new[] { 4, 0, 2 })]
    public void What_was_written_is_read_back(int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        Tensor floats = Tensor.Of("x", shape, Enumerable.Range(0, count).Select(i => i / 3f).ToArray());
        Npy.Write(_folder["x.npy"], floats);
        Tensor back = Npy.Read(_folder["x.npy"]);
        Assert.Equal(("x", TensorType.F32, floats.ShapeText), (back.Name, back.Type, back.ShapeText));
        Assert.Equal(floats.Float32, back.Float32);

        Tensor doubles = Tensor.Of("x", shape, Enumerable.Range(0, count).Select(i => i / 3.0).ToArray());
        Npy.Write(_folder["x.npy"], doubles);
        Assert.Equal(doubles.Float64, Npy.Read(_folder["x.npy"]).Float64);
    }

    [Fact]
    public void The_bytes_are_those_of_NumPy()
    {
        MemoryStream stream = new();
        Npy.Write(stream, Tensor.Of("x", [2], [1f, 2f]));
        byte[] bytes = stream.ToArray();
        string start = Encoding.Latin1.GetString(bytes)[..68].TrimEnd();
        Assert.Equal("\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", start);
        Assert.Equal((byte)'\n', bytes[127]);
        Assert.Equal(128 + 8, bytes.Length);
    }

    [Theory]
    [InlineData(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n")]
    [InlineData(3, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }   \n")]
    [InlineData(1, " {\n 'shape' :( 1 , ),\n'fortran_order':False,\t\"descr\" : \"<f4\"} \n")]
    [InlineData(1, "{'descr': '=f4', 'fortran_order': True, 'shape': (1L,)}")]
    public void Headers_of_other_versions_and_spacings_are_read(byte version, string header) =>
        Assert.Equal([1f], Npy.Read(Raw(header, [0, 0, 0x80, 0x3F], version), "x.npy").Float32);

    // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]]) as bytes
    [Fact]
    public void Fortran_order_becomes_C_order()
    {
        Tensor two = Npy.Read(Raw("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]), "x.npy");
        Assert.Equal("[2, 3]", two.ShapeText);
        Assert.Equal([1, 2, 3, 4, 5, 6], two.Int8.ToArray());
        Tensor three = Npy.Read(Raw("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1, 3), }", [1, 4, 2, 5, 3, 6]), "x.npy");
        Assert.Equal([1, 2, 3, 4, 5, 6], three.Bytes.ToArray());
    }

    [Theory]
    [InlineData(">f4", new byte[] { 0x3F, 0x80, 0, 0 }, TensorType.F32, 1)]
    [InlineData("<f2", new byte[] { 0, 0x3C }, TensorType.F32, 1)]
    [InlineData(">f8", new byte[] { 0xC0, 0, 0, 0, 0, 0, 0, 0 }, TensorType.F64, -2)]
    [InlineData("<i2", new byte[] { 0xFE, 0xFF }, TensorType.I32, -2)]
    [InlineData(">u2", new byte[] { 0xFF, 0xFE }, TensorType.I32, 65534)]
    [InlineData("<u4", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, TensorType.I64, 4294967295)]
    [InlineData(">i8", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0 }, TensorType.I64, 256)]
    [InlineData("<u8", new byte[] { 7, 0, 0, 0, 0, 0, 0, 0 }, TensorType.I64, 7)]
    [InlineData("|b1", new byte[] { 1 }, TensorType.U8, 1)]
    public void Plain_numbers_of_every_size_and_order_are_read_exactly(string descr, byte[] bytes, TensorType type, double expected)
    {
        Tensor tensor = Npy.Read(Raw($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}", bytes), "x.npy");
        Assert.Equal(type, tensor.Type);
        Assert.Equal(expected, type switch
        {
            TensorType.F32 => tensor.Float32[0], TensorType.F64 => tensor.Float64[0], TensorType.I32 => tensor.Int32[0],
            TensorType.I64 => tensor.Int64[0], _ => tensor.Bytes[0],
        });
    }

    [Fact]
    public void An_unsigned_number_that_no_signed_one_holds_is_refused() => Assert.Contains("unsigned numbers above 9223372036854775807",
        ErrorOf(Raw("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0, 0, 0, 0, 0xFF])));

    [Theory]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "holds complex numbers, <c8; read here are floats")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "holds objects of Python, |O")]
    [InlineData("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", "holds texts, <U1")]
    [InlineData("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }", "holds times, <M8[ns]")]
    [InlineData("{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }", "holds numbers of another type, <f3")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,), }", "holds records of several fields")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "fortran_order is Maybe, expected True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "descr, fortran_order and shape once each")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "once each")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", "once each")]
    [InlineData("['descr']", "once each")]
    [InlineData("", "once each")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "once each")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "shape (99999999999,); expected whole numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }", "and 4 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "an array of shape [2] has 8 bytes, and 4 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", "an array of shape [0] has 0 bytes, and 4 are there")]
    public void A_wrong_header_is_refused_by_name(string header, string expected)
    {
        string error = Assert.Throws<UserErrorException>(() => Npy.Read(Raw(header, [0, 0, 0x80, 0x3F]), "x.npy")).Message;
        Assert.StartsWith("'x.npy'", error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Another_file_another_version_and_a_NaN_are_refused()
    {
        Assert.Contains("is not an .npy file", ErrorOf(new MemoryStream("time,value\n1,2\n"u8.ToArray())));
        Assert.Contains("version 4.0", ErrorOf(Raw("", [], version: 4)));
        Stream NotANumber() => Raw("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", [0, 0, 0xC0, 0x7F]);
        Assert.Contains("element 0 is NaN", ErrorOf(NotANumber()));
        Assert.Equal(1, Npy.Read(NotANumber(), "x.npy", NonFinite.Allowed).Count);
        Assert.Contains("there is no such file", Assert.Throws<UserErrorException>(() => Npy.Read(_folder["none.npy"])).Message);
    }

    [Fact]
    public void A_file_cut_or_changed_is_read_or_refused_and_never_a_crash()
    {
        MemoryStream stream = new();
        Npy.Write(stream, Tensor.Of("x", [2], [1f, 2f]));
        byte[] whole = stream.ToArray();
        for (int length = 0; length < whole.Length; length++) ErrorOf(new MemoryStream(whole[..length]));
        Prop.ForAll<NonNegativeInt, byte>((at, value) =>
        {
            byte[] bytes = [.. whole];
            bytes[at.Get % 72] = value;                 // the part of the header that is not padding
            try { Npy.Read(new MemoryStream(bytes), "x.npy"); }
            catch (UserErrorException e) { Assert.DoesNotContain('\n', e.Message); }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Integers_and_truth_values_come_back()
    {
        Assert.Equal([1L, long.MinValue], Back(Tensor.Of("x", [2], [1L, long.MinValue])).Int64);
        Assert.Equal([1, int.MinValue], Back(Tensor.Of("x", [2, 1], [1, int.MinValue])).Int32);
        Assert.Equal([(sbyte)-1], Back(Tensor.Of("x", [1], (ReadOnlySpan<sbyte>)[-1])).Int8);
        Tensor truth = Back(Tensor.Of("x", [2], (ReadOnlySpan<bool>)[true, false]));
        Assert.Equal((TensorType.U8, "[2]"), (truth.Type, truth.ShapeText));
        Assert.Equal([(byte)1, (byte)0], truth.Bytes);

        static Tensor Back(Tensor tensor)
        {
            using MemoryStream stream = new();
            Npy.Write(stream, tensor);
            return Npy.Read(new MemoryStream(stream.ToArray()), "x.npy");
        }
    }

    private static string ErrorOf(Stream stream) => Assert.Throws<UserErrorException>(() => Npy.Read(stream, "x.npy")).Message;

    private static MemoryStream Raw(string header, byte[] data, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? [(byte)text.Length, 0] : [(byte)text.Length, 0, 0, 0];
        return new([0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data]);
    }
}
