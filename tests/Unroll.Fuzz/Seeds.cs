using System.Text;
using Unroll.Formats;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Music;

namespace Unroll.Fuzz;

/// <summary>Good files of every format, small: written by the product where it writes the format.</summary>
internal static class Seeds
{
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Lines(int count, Func<int, string> line, string header = "") =>
        Text(header + string.Concat(Enumerable.Range(0, count).Select(i => line(i) + "\n")));

    public static byte[] Gzipped(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.GZipStream gzip = new(packed, System.IO.Compression.CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public static byte[] Series(int rows = 60) => Lines(rows, i => FormattableString.Invariant(
        $"{new DateTime(2024, 1, 1).AddDays(i):yyyy-MM-dd},{50 + i % 7 + i * 0.25:0.##},{i % 2}"), "date,sales,promo\n");

    public static byte[] Groups() => Lines(90, i => FormattableString.Invariant(
        $"{new DateTime(2024, 1, 1).AddDays(i / 2):dd.MM.yyyy};S{i % 2};{50 + i % 7},{i % 10}"), "day;shop;sales\n");

    public static byte[] Words(int lines = 40) => Lines(lines, i => $"{(i % 2 == 0 ? "good" : "bad")}\t{Word(i)} {Word(i / 3)} {Word(i / 5)}");

    public static byte[] Columns() => Lines(40, i =>
        FormattableString.Invariant($"{i % 5 * 0.5},{-i % 3},{i * 0.1:0.#},{(i % 2 == 0 ? "up" : "down")}"), "a,b,c,label\n");

    public static byte[] Sites() => Lines(40, i => $"{(i % 2 == 0 ? "site" : "other")},{Bases(i)}", "label,sequence\n");

    public static byte[] Fasta(int shift = 0) => Lines(30, i => $">s{i + shift} note\n{Bases(i + shift)}\n{Bases(i + 3).ToLowerInvariant()}");

    public static byte[] Conll() => Lines(40, i => $"{Word(i)} {(i % 3 == 0 ? "B-X" : "O")}\n{Word(i + 1)} {(i % 3 == 0 ? "I-X" : "O")}\n");

    public static byte[] ConllU() => Lines(20, i => string.Join('\n', $"# sent_id = {i}", $"1-2\t{Word(i)}s\t_\t_\t_\t_\t_\t_\t_\t_",
        $"1\t{Word(i)}\t{Word(i)}\tNOUN\tNN\t_\t2\tnsubj\t_\t_", $"2\t{Word(i + 1)}\t_\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No",
        $"2.1\t{Word(i)}\t_\tX\t_\t_\t_\t_\t_\t_", ""));

    public static byte[] Pairs() => Lines(40, i => $"{Word(i)} {Word(i / 2)}\t{Word(i + 2)} {Word(i / 3)}");

    public static byte[] Rolls() =>
        Text("{\"train\":[" + string.Join(',', Enumerable.Range(0, 24).Select(i =>
            $"[[{60 + i % 12}],[{62 + i % 7},{65 + i % 3}],[],[{60 + i % 5}]]")) + "]}");

    public static byte[] Tunes() => Lines(24, i => string.Join('\n', $"X:{i + 1}", "T:A tune", "M:3/4", "L:1/8", "Q:1/4=120", "K:Gm",
        "V:1", $"|: G2 {"ABcdefg"[i % 7]}2 ^F2 | [GB]>d (3efg | {{a}}!trill!c'4- c'2 |1 Z :|2 z6 |]", "w: la la", ""));

    public static byte[] Midi(int notes = 16) =>
        MidiWriter.Write(new Score([.. Enumerable.Range(0, notes).Select(i => new Note(60 + i % 12, i * 0.5, 0.5))]));

    public static byte[] Wav(int samples = 2000)
    {
        float[] tone = [.. Enumerable.Range(0, samples).Select(i => (float)Math.Sin(i * 0.2) * 0.5f)];
        return WavFile.Pcm16(tone, 8000);
    }

    public static byte[] Idx(int count = 20) => [0, 0, 8, 3, 0, 0, 0, (byte)count, 0, 0, 0, 3, 0, 0, 0, 3, .. Enumerable.Range(0,
        count * 9).Select(i => (byte)(i * 37))];

    public static byte[] Bed() => Lines(20, i => $"s{i}\t{i % 6}\t{i % 6 + 4}\tgene\t0\t+", "track name=x\n");

    public static byte[] Manifest() => Lines(20, i => $"a{i % 6}.wav,w{i % 3},{(i < 14 ? "train" : i < 17 ? "valid" : "test")},s{i % 2}",
        "file,label,split,speaker\n");

    public static IReadOnlyList<(string, byte[])> Recordings() =>
        [.. Enumerable.Range(0, 6).Select(i => (Path.Combine(Environment.CurrentDirectory, $"a{i}.wav"), Wav(2000 + 100 * i)))];

    public static byte[] IdxLabels(int count = 20) => [0, 0, 8, 1, 0, 0, 0, (byte)count, .. Enumerable.Range(0, count).Select(i => (byte)(i % 2))];

    public static byte[] Tensors()
    {
        using MemoryStream stream = new();
        new TensorFile().AddMetadata("format", "pt").Add(Tensor.Of("lstm.weight_ih_l0", [16, 3], Floats(48)))
            .Add(Tensor.Of("lstm.weight_hh_l0", [16, 4], Floats(64))).Add(Tensor.Of("lstm.bias_ih_l0", [16], Floats(16)))
            .Add(Tensor.Of("lstm.bias_hh_l0", [16], Floats(16))).Write(stream);
        return stream.ToArray();
    }

    public static byte[] Npy()
    {
        using MemoryStream stream = new();
        Formats.Npy.Write(stream, Tensor.Of("x", [3, 4], Floats(12)));
        return stream.ToArray();
    }

    private static float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(i => i * 0.25f - 1)];

    private static string Word(int i) => new[] { "red", "green", "blue", "north", "été", "🙂", "south" }[i % 7];

    private static string Bases(int i) => string.Concat(Enumerable.Range(0, 12).Select(t => "ACGT"[(i * 7 + t * t + i / 3) % 4]));
}
