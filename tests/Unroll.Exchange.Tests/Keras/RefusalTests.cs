using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Keras;

namespace Unroll.Exchange.Tests.Keras;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("refused-hard-3.keras", "layer 'my_lstm' (LSTM)", "hard_sigmoid, which is x/6 + 0.5 between 0 and 1 (Keras 3.8.0)")]
    [InlineData("refused-hard-2.keras", "layer 'my_lstm' (LSTM)", "hard_sigmoid, which is 0.2x + 0.5 between 0 and 1 (Keras 2.13.1)")]
    [InlineData("refused-lambda.keras", "layer 'my_lambda'", "Python code, which is never run")]
    [InlineData("refused-custom.keras", "'my_lstm'", "'Mine>LSTM' of mine, which is not Keras's own")]
    [InlineData("refused-middle-softmax.keras", "layer 'my_dense'", "its activation is softmax")]
    [InlineData("refused-backward-kind.keras", "layer 'my_bidirectional'", "4 units of gru-after and its forward layer 4 of lstm")]
    [InlineData("refused-conv.keras", "layer 'my_conv2d' (Conv2D)", "no layer of this class")]
    [InlineData("refused-branch.keras", "layer 'my_dense'", "several inputs")]
    public void What_there_is_nothing_for_is_refused_by_the_layers_name(string file, string where, string why)
    {
        string message = Refused(() => KerasFile.Read(KerasCases.Path_(file)));
        Assert.Contains(file, message);
        Assert.Contains(where, message);
        Assert.Contains(why, message);
    }

    [Theory]
    [InlineData("refused-soft.weights.h5", "'layers'/soft is a soft link")]
    [InlineData("refused-external.weights.h5", "'layers'/external is a")]
    [InlineData("refused-storage.weights.h5", "data set 'far' keeps its bytes in another file")]
    [InlineData("refused-virtual.weights.h5", "data set 'virtual' is a virtual data set")]
    [InlineData("refused-filter.weights.h5", "data set 'packed' goes through the filter 32000 'lzf'")]
    [InlineData("refused-huge.weights.h5", "data set 'huge' has 1048576 x 1048576 elements or more")]
    [InlineData("refused-fill.weights.h5", "data set 'fill' of shape [268435456] has 1073741824 bytes, and 0 are stored")]
    [InlineData("refused-bomb.weights.h5", "134217728 bytes when they are unpacked")]
    public void What_an_HDF5_file_must_not_hold_is_refused_by_name_before_memory_is_taken(string file, string why)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch clock = Stopwatch.StartNew();
        string message = Refused(() => KerasFile.Read(KerasCases.Path_(file), KerasCases.Path_("lstm.config.json")));
        Assert.Contains(why, message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"it took {clock.Elapsed}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20, "it took much memory");
    }

    [Fact]
    public void A_file_whose_root_is_no_group_is_refused() =>
        Assert.Contains("its root is no group", Refused(() => KerasFile.Read(KerasCases.Path_("refused-root.h5"))));

    [Fact]
    public void Weights_alone_say_what_they_need()
    {
        string message = Refused(() => KerasFile.Read(KerasCases.Path_("bare.weights.h5")));
        Assert.Contains("weights alone", message);
        Assert.Contains("the option model-config", message);
        Assert.Contains("leave out", Refused(() => KerasFile.Read(KerasCases.Path_("legacy.h5"), KerasCases.Path_("bare.config.json"))));
    }

    [Fact]
    public void Weights_of_another_model_are_refused_with_both_shapes()
    {
        string message = Refused(() => KerasFile.Read(KerasCases.Path_("bare.weights.h5"), KerasCases.Path_("packed.config.json")));
        Assert.Contains("expected", message);
        Assert.Contains("layers/lstm/cell/vars", message);
    }

    [Fact]
    public void Tricks_with_the_zip_archive_are_refused()
    {
        Assert.Contains("its record 'config.json' is there twice", Refused(() => Zip(("config.json", "{}"), ("config.json", "{}"))));
        Assert.Contains("'../config.json' is no name of a record", Refused(() => Zip(("../config.json", "{}"))));
        Assert.Contains("without a config.json", Refused(() => Zip(("x", "{}"))));
        Assert.Contains("no model.weights.h5", Refused(() => Zip(("config.json", "{}"))));
        byte[] good = File.ReadAllBytes(KerasCases.Path_("lstm.keras"));
        byte[] changed = [.. good];
        changed[100] ^= 1;                                       // in metadata.json or config.json: its checksum differs
        Assert.Contains("lstm.keras", Refused(() => KerasFile.Read(changed, "lstm.keras")));
        Assert.Contains("directory", Refused(() => KerasFile.Read(good[..^30], "lstm.keras")));
        changed = [.. good];
        changed[good.AsSpan().LastIndexOf("PK\x1\x2"u8) + 8] |= 1;
        Assert.Contains("is encrypted", Refused(() => KerasFile.Read(changed, "lstm.keras")));
    }

    [Fact]
    public void Files_of_other_kinds_are_refused()
    {
        Assert.Contains("neither a zip archive nor an HDF5 file", Refused(() => KerasFile.Read([1, 2, 3], "x.h5")));
        byte[] good = File.ReadAllBytes(KerasCases.Path_("legacy.h5"));
        foreach (int length in (int[])[8, 20, 100, 1000, good.Length - 1])
            Assert.Contains("x.h5", Refused(() => KerasFile.Read(good[..length], "x.h5")));
    }

    [Fact]
    public void A_configuration_that_is_no_JSON_or_twice_has_a_member_is_refused()
    {
        byte[] weights = File.ReadAllBytes(KerasCases.Path_("bare.weights.h5"));
        foreach (string json in (string[])["", "[", "{\"class_name\":\"Sequential\"}", "{\"a\":1,\"a\":2}", "[]", new string('[', 100_000)])
            Assert.Contains("c.json", Refused(() => KerasFile.Read(weights, "c.json", Encoding.UTF8.GetBytes(json), "c.json")));
    }

    private static KerasModel Zip(params (string Name, string Text)[] entries)
    {
        using MemoryStream memory = new();
        using (ZipArchive archive = new(memory, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, string text) in entries)
            {
                using Stream stream = archive.CreateEntry(name).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        return KerasFile.Read(memory.ToArray(), "x.keras");
    }

    private static string Refused(Func<object> read)
    {
        string message = Assert.Throws<UserErrorException>(read).Message;
        Assert.DoesNotContain('\n', message);
        Assert.True(message.Length <= UserErrorException.Longest);
        return message;
    }
}
