using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Tests.Formats;

public sealed class TensorFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_back()
    {
        TensorFile file = Sample();
        file.Write(_folder["a.safetensors"]);
        TensorFile back = TensorFile.Read(_folder["a.safetensors"]);

        Assert.Equal(file.Metadata, back.Metadata);
        Assert.Equal(file.Tensors.Select(t => t.Name), back.Tensors.Select(t => t.Name));
        foreach (Tensor tensor in file.Tensors)
        {
            Tensor same = back.Find(tensor.Name)!;
            Assert.Equal((tensor.Type, tensor.ShapeText), (same.Type, same.ShapeText));
            Assert.Equal(tensor.Bytes, same.Bytes);
        }
        Assert.Equal([1.5f, -2f, 3f, 4f, 5f, 6f], back.Find("w")!.Float32);
        Assert.Equal([0.1], back.Find("d")!.Float64);
        Assert.Equal([long.MinValue], back.Find("step")!.Int64);
        Assert.Equal([-7], back.Find("i")!.Int32);
        Assert.Null(back.Find("none"));
        Assert.Equal("größe \"1\"", back.MetadataOf("key"));
        Assert.Null(back.MetadataOf("none"));
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes_with_an_aligned_header() =>
        Assert.Multiple(
            () => Assert.Equal(BytesOf(Sample()), BytesOf(Sample())),
            () => Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(BytesOf(Sample())) % 8),
            () => Assert.StartsWith("""{"__metadata__":{"key":""", HeaderOf(BytesOf(Sample()))));

    [Fact]
    public void Every_tensor_is_aligned_to_its_element()
    {
        string header = HeaderOf(BytesOf(new TensorFile().Add(Tensor.Of("b", [3], [1, 2, 3])).Add(Tensor.Of("d", [1], [0.5]))));
        Assert.Contains("""
            "b":{"dtype":"I32","shape":[3],"data_offsets":[8,20]},"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}
            """, header);
    }

    [Fact]
    public void An_empty_file_a_scalar_and_a_tensor_without_elements_are_legal()
    {
        Assert.Empty(TensorFile.Read(Raw("{}"), "f").Tensors);
        TensorFile file = new TensorFile()
            .Add(Tensor.Of("scalar", [], [2f]))
            .Add(Tensor.Of("none", [0, int.MaxValue, int.MaxValue, 9], new float[0]));
        TensorFile back = TensorFile.Read(new MemoryStream(BytesOf(file)), "f");
        Assert.Equal(2f, back.Find("scalar")!.Float32[0]);
        Assert.Equal(0, back.Find("none")!.Count);
    }

    [Fact]
    public void Half_precision_is_widened_exactly()
    {
        TensorFile file = TensorFile.Read(Raw(
            """{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}""",
            0x00, 0x3C, 0x01, 0x80, 0x80, 0x3F, 0x49, 0xC0), "f");
        Assert.Equal([1f, -5.9604645e-8f], file.Find("h")!.Float32);
        Assert.Equal([1f, -3.140625f], file.Find("b")!.Float32);
    }

    [Theory]
    [InlineData("F32", 4, new byte[] { 0, 0, 0xC0, 0x7F }, "NaN")]
    [InlineData("F32", 4, new byte[] { 0, 0, 0x80, 0xFF }, "∞")]
    [InlineData("F64", 8, new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x7F }, "∞")]
    [InlineData("F16", 2, new byte[] { 0, 0x7C }, "∞")]
    [InlineData("BF16", 2, new byte[] { 0xC0, 0x7F }, "NaN")]
    public void A_number_that_is_not_finite_is_named_or_allowed(string type, int size, byte[] value, string _)
    {
        string header = $$$"""{"w":{"dtype":"{{{type}}}","shape":[2],"data_offsets":[0,{{{2 * size}}}]}}""";
        MemoryStream File() => Raw(header, [.. new byte[size], .. value]);
        Assert.Contains("'f': tensor 'w' [2], element 1 is ", Assert.Throws<UserErrorException>(() => TensorFile.Read(File(), "f")).Message);
        Assert.Equal(2, TensorFile.Read(File(), "f", NonFinite.Allowed).Find("w")!.Count);
    }

    [Fact]
    public void A_number_that_is_not_finite_is_not_written()
    {
        TensorFile file = new TensorFile().Add(Tensor.Of("w", [2], [1f, float.NaN]));
        UserErrorException e = Assert.Throws<UserErrorException>(() => file.Write(_folder["a.safetensors"]));
        Assert.Contains("tensor 'w' [2], element 1 is NaN", e.Message);
        Assert.False(File.Exists(_folder["a.safetensors"]));
        file.Write(_folder["a.safetensors"], NonFinite.Allowed);
        Assert.True(File.Exists(_folder["a.safetensors"]));
    }

    [Theory]
    [InlineData("BOOL", 4)]
    [InlineData("I16", 2)]
    [InlineData("U16", 2)]
    [InlineData("U32", 1)]
    [InlineData("F8_E4M3", 4)]
    [InlineData("F8_E5M2", 4)]
    [InlineData("F4", 8)]
    public void Types_that_nothing_here_computes_with_are_kept_as_they_are(string type, int count)
    {
        TensorFile file = TensorFile.Read(Raw($$$"""{"w":{"dtype":"{{{type}}}","shape":[{{{count}}}],"data_offsets":[0,4]}}""", 1, 2, 3, 4), "f");
        Tensor tensor = Assert.Single(file.Tensors);
        Assert.Equal((TensorType.Other, type, count), (tensor.Type, tensor.TypeName, tensor.Count));
        Tensor back = Assert.Single(TensorFile.Read(new MemoryStream(BytesOf(file)), "f").Tensors);
        Assert.Equal(type, back.TypeName);
        Assert.Equal([1, 2, 3, 4], back.Bytes.ToArray());
        Assert.Throws<InvalidOperationException>(() => tensor.Float32.Length);
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F4","shape":[7],"data_offsets":[0,4]}}""", "data_offsets hold 4")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x""", "not valid JSON")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", "not valid JSON")]
    [InlineData("""["w"]""", "does not begin with '{'")]
    [InlineData("", "does not begin with '{'")]
    [InlineData("""{"w":[]}""", "tensor 'w' must be an object with dtype, shape and data_offsets, got an array")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1]}}""", "tensor 'w' lacks data_offsets")]
    [InlineData("""{"w":{"shape":[1],"data_offsets":[0,4]}}""", "tensor 'w' lacks dtype")]
    [InlineData("""{"w":{"dtype":"F32","data_offsets":[0,4]}}""", "tensor 'w' lacks shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", "has a field 'more'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""", "tensor 'w' names 'shape' twice")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{}}""", "names 'w' twice")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", "__metadata__ names 'k' twice")]
    [InlineData("""{"__metadata__":{"k":1}}""", "__metadata__ 'k' must be a string, got 1")]
    [InlineData("""{"__metadata__":null}""", "__metadata__ must be an object, got null")]
    [InlineData("""{"w":{"dtype":"F7","shape":[4],"data_offsets":[0,4]}}""", "tensor 'w' has dtype 'F7'; read here are F64, F32, F16")]
    [InlineData("""{"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", "tensor 'w', dtype must be a string, got 7")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "shape: expected whole numbers from 0 to 9223372036854775807, got -1")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "got 1.0")]
    [InlineData("""{"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", "got a string")]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", "got 99999999999999999999")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9999999999,9999999999,9999999999],"data_offsets":[0,0]}}""", "more bytes than can be counted")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4294967296,0],"data_offsets":[0,0]}}""", "larger than the 2 GiB")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "[2] and dtype F32 needs 8 bytes, but its data_offsets hold 4")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "its end lies before its begin")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", "needs two data_offsets, begin and end, got 3")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", "data_offsets: expected whole numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "tensor 'w' ends at byte 8 of the data, and only 4 are there")]
    [InlineData("""{"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "1 bytes follow the last tensor")]
    [InlineData("""{"w":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "a hole after the header: it begins at byte 1, expected 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "'b' overlaps 'a'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "a hole after 'a'")]
    [InlineData("{\"a\\nb\":{}}", "a name that is no name: 'a?b'")]
    [InlineData("{\"\\ud800\":{}}", "escaped character that does not exist")]
    [InlineData("{\"w\":{\"dtype\":\"\\ud800\"}}", "escaped character that does not exist")]
    public void A_wrong_header_is_refused_by_name(string header, string expected)
    {
        string error = Assert.Throws<UserErrorException>(() => TensorFile.Read(Raw(header, 0, 0, 0, 0), "model.safetensors")).Message;
        Assert.Contains("'model.safetensors'", error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_header_that_is_not_text_is_refused()
    {
        byte[] bytes = [3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', 0xFF, (byte)'}'];
        Assert.Contains("not UTF-8", Assert.Throws<UserErrorException>(() => TensorFile.Read(new MemoryStream(bytes), "f")).Message);
    }

    [Theory]
    [InlineData(0ul, 7, "it has 7 bytes")]
    [InlineData(ulong.MaxValue, 100, "18446744073709551615 bytes, and 100000000 is the most allowed")]
    [InlineData(100_000_001ul, 100, "100000000 is the most allowed")]
    [InlineData(101ul, 108, "is cut short: its header has 101 bytes, and only 100 are there")]
    public void A_length_of_the_header_that_cannot_be_is_refused(ulong headerLength, int fileLength, string expected)
    {
        byte[] bytes = new byte[Math.Max(fileLength, 8)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, headerLength);
        UserErrorException e = Assert.Throws<UserErrorException>(() => TensorFile.Read(new MemoryStream(bytes[..fileLength]), "f"));
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] whole = BytesOf(Sample());
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<UserErrorException>(() => TensorFile.Read(new MemoryStream(whole[..length]), "f"));
    }

    [Fact]
    public void A_file_changed_in_any_way_is_read_or_refused_and_never_a_crash() =>
        Prop.ForAll<NonNegativeInt, byte, NonNegativeInt>((at, value, cut) =>
        {
            byte[] bytes = BytesOf(Sample());
            bytes[at.Get % bytes.Length] = value;
            ReadOrRefuse(bytes[..^(cut.Get % 3 == 0 ? cut.Get % bytes.Length : 0)]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Any_bytes_are_read_or_refused_and_never_a_crash() =>
        Prop.ForAll<byte[]>(bytes => { ReadOrRefuse(bytes); ReadOrRefuse([(byte)bytes.Length, 0, 0, 0, 0, 0, 0, 0, .. bytes]); })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Any_numbers_come_back_bit_for_bit() =>
        Prop.ForAll<float[]>(values =>
        {
            byte[] bytes = BytesOf(new TensorFile().Add(Tensor.Of("w", [values.Length], values)), NonFinite.Allowed);
            return TensorFile.Read(new MemoryStream(bytes), "f", NonFinite.Allowed).Find("w")!.Float32.SequenceEqual(values);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_stream_that_cannot_tell_its_length_is_read_too()
    {
        using BrotliStream stream = new(Compressed(BytesOf(Sample())), CompressionMode.Decompress);
        Assert.Equal(6, TensorFile.Read(stream, "f").Find("w")!.Count);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_named()
    {
        Assert.Contains("there is no such file", Assert.Throws<UserErrorException>(() => TensorFile.Read(_folder["none"])).Message);
        Assert.Contains("it is a folder", Assert.Throws<UserErrorException>(() => TensorFile.Read(_folder.Path)).Message);
        Assert.Contains("name of the file is empty", Assert.Throws<UserErrorException>(() => TensorFile.Read("")).Message);
    }

    [Fact]
    public void A_tensor_needs_as_many_values_as_its_shape_says_and_a_name_of_its_own()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Of("w", [2, 3], new float[5]));
        Assert.Throws<ArgumentException>(() => Tensor.Of("w", [-1, -5], new float[5]));
        Assert.Throws<ArgumentException>(() => Sample().Add(Tensor.Of("w", [1], [1f])));
        Assert.Throws<ArgumentException>(() => Sample().Add(Tensor.Of("__metadata__", [1], [1f])));
        Assert.Throws<InvalidOperationException>(() => Tensor.Of("w", [1], [1f]).Float64.Length);
    }

    private static void ReadOrRefuse(byte[] bytes)
    {
        try
        {
            TensorFile.Read(new MemoryStream(bytes), "f");
        }
        catch (UserErrorException e)
        {
            Assert.Equal(e.Message, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static TensorFile Sample() => new TensorFile()
        .AddMetadata("key", "größe \"1\"").AddMetadata("a", "")
        .Add(Tensor.Of("w", [2, 3], [1.5f, -2f, 3f, 4f, 5f, 6f]))
        .Add(Tensor.Of("raw", [3], new byte[] { 1, 2, 3 }))
        .Add(Tensor.Of("d", [1, 1], [0.1]))
        .Add(Tensor.Of("step", [], [long.MinValue]))
        .Add(Tensor.Of("i", [1], [-7]));

    private static byte[] BytesOf(TensorFile file, NonFinite nonFinite = NonFinite.Refused)
    {
        MemoryStream stream = new();
        file.Write(stream, nonFinite);
        return stream.ToArray();
    }

    private static string HeaderOf(byte[] file) => Encoding.UTF8.GetString(file, 8, (int)BinaryPrimitives.ReadInt64LittleEndian(file));

    private static MemoryStream Raw(string header, params byte[] data)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, utf8.Length);
        return new([.. length, .. utf8, .. data]);
    }

    private static MemoryStream Compressed(byte[] bytes)
    {
        MemoryStream target = new();
        using (BrotliStream stream = new(target, CompressionLevel.Fastest, leaveOpen: true)) stream.Write(bytes);
        target.Position = 0;
        return target;
    }
}
