using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Speech;
using Unroll.Tasks.Translation;

namespace Unroll.Fuzz;

/// <summary>Readers of data, each through the task that reads it: from bytes to a run that could begin.</summary>
internal static class DataTargets
{
    private static readonly string[] s_table = [",", ";", "\t", "|", "\"", "date", "label", "NA", "-999", "1,5", "$5", "5 %", "2024-01-31",
        "31/12/2023", "12:30", "TRUE", "Unnamed: 0"];

    private static readonly SeriesOptions s_known = new() { Targets = ["x"], Known = ["y"], Time = "month" };

    internal static readonly SmallTask Forecast = SmallTask.Of("forecast", "sales.csv", Seeds.Series(), ("window", "4")),
        Shops = SmallTask.Of("forecast", "shops.csv", Seeds.Groups(), ("window", "4"), ("group", "shop")),
        Texts = SmallTask.Of("classify", "texts.tsv", Seeds.Words(), ("embedding", "4")),
        Numbers = SmallTask.Of("classify", "numbers.csv", Seeds.Columns()),
        Images = SmallTask.Of("classify", "digits-images-idx3-ubyte", Seeds.Idx()) with { Beside = [("digits-labels-idx1-ubyte",
            Seeds.IdxLabels())] },
        Sites = SmallTask.Of("dna", "sites.csv", Seeds.Sites()),
        Genome = SmallTask.Of("dna", "genome.fa", Seeds.Fasta(), ("unit", "kmer"), ("embedding", "4")) with { Beside = [("other.fa",
            Seeds.Fasta(5))], BesideIsData = true },
        Genes = SmallTask.Of("tag", "genome.fa", Seeds.Fasta(), ("labels", "genes.bed"), ("window", "8")) with { Beside = [("genes.bed",
            Seeds.Bed())] },
        Speech = SmallTask.Of("speech", "list.csv", Seeds.Manifest(), ("mels", "8"), ("cepstra", "0"), ("deltas", "0"), ("hop", "25"))
            with { Beside = Seeds.Recordings() },
        Tags = SmallTask.Of("tag", "tags.conll", Seeds.Conll(), ("embedding", "4")),
        Treebank = SmallTask.Of("tag", "bank.conllu", Seeds.ConllU(), ("embedding", "4")),
        Language = SmallTask.Of("lm", "text.txt", Seeds.Lines(60, i => $"the {i % 9} lamps 🙂 are {i % 7} été"), ("embedding", "4"), ("bptt", "8")),
        Rolls = SmallTask.Of("music", "rolls.json", Seeds.Rolls()),
        Tunes = SmallTask.Of("music", "tunes.abc", Seeds.Tunes(), ("embedding", "4")),
        TunesAsRolls = SmallTask.Of("music", "tunes.abc", Seeds.Tunes(), ("kind", "roll"), ("steps-per-quarter", "4")),
        Pairs = SmallTask.Of("translate", "pairs.tsv", Seeds.Pairs(), ("embedding", "4"), ("min-count", "1")),
        BytePairs = SmallTask.Of("translate", "syllables.tsv", Seeds.Pairs(), ("embedding", "4"), ("unit", "bpe"), ("merges", "20"));

    public static IEnumerable<FuzzTarget> All =>
    [
        Of("table of a series", Forecast, s_table, [typeof(TableReader), typeof(Table), typeof(TimeSeriesTable), typeof(EmbeddedData),
            typeof(DataFiles)],
            Seeds.Gzipped(Seeds.Series(20))),
        Of("table of groups", Shops, s_table, [typeof(TableReader)]),
        Of("texts with labels", Texts, ["\t", "\"", "train", "label", "text"], [typeof(LabeledReader)], Seeds.Columns()),
        Of("numbers with labels", Numbers, s_table, [typeof(LabeledReader)]),
        Of("images", Images, [], [typeof(IdxReader)], Seeds.Gzipped(Seeds.Idx())),
        Of("bases in a table", Sites, ["U", "N", "-", "*", "acgt"], [typeof(LabeledReader)]),
        Of("bases in FASTA", Genome, [">", ";", "N", "U", "*", "-", ">s1\n"], [typeof(FastaReader)], Seeds.Gzipped(Seeds.Fasta())),
        Of("tokens with labels", Tags, ["#", "# ", "-DOCSTART-", "B-X", "I-X", "E-X", "S-X", "O", "_"], [typeof(LabeledReader)]),
        Of("treebank", Treebank, ["#", "_", "1-2", "1.1", "\t_", "# text = "], [typeof(LabeledReader)]),
        Of("text", Language, ["\0", "\u0085"], [typeof(PlainText), typeof(GrammarText)]),
        Of("piano rolls", Rolls, ["[", "]", "null", "128", "-1", "60.5"], [typeof(PianoRoll)]),
        Of("tunes", Tunes, s_abc, [typeof(AbcReader)]),
        Of("tunes as rolls", TunesAsRolls, s_abc, [typeof(AbcReader)]),
        Of("pairs", Pairs, ["\t", "\"", "train\t"], [typeof(PairReader)]),
        Of("pairs in byte pairs", BytePairs, ["\t"], [typeof(PairReader), typeof(BytePairs)]),
        new("MIDI", [typeof(MidiReader), typeof(PianoRoll)], [Seeds.Midi(), Seeds.Midi(3)], bytes => PianoRoll.Of(MidiReader.Read(bytes, "tune.mid"),
            4)),
        new("WAV", [typeof(WavFile)], [Seeds.Wav(), Seeds.Wav(7)], bytes => WavFile.Read("a.wav", DataFiles.Disk.With("a.wav", bytes)).At(8000)),
        new("WAV as a stream", [typeof(WavFile), typeof(WavStream)], [Seeds.Wav(), Seeds.Wav(7)], bytes => WavFile.Read(new MemoryStream(bytes),
            "a.wav")),
        Of("manifest of recordings", Speech, s_table, [typeof(RecordingList), typeof(SpeechData)]),
        Of("genome to tag", Genes, [">", "N", "-"], [typeof(GenomeWindows)]),
        new("intervals to learn", [typeof(GenomeWindows)], [Seeds.Bed()], bytes => (Genes with { Beside = [("genes.bed",
            bytes)] }).Begin(Genes.Data)),
        new("recording to recognize", [typeof(SpeechModel)], [Seeds.Wav(), Seeds.Wav(7)],
            bytes => (Speech with { Name = "a.wav" }).Predict(bytes, Speech.Model)),
        new("known futures", [typeof(FutureTable)], [Seeds.Text("month,y\n2024-01,1\n2024-02,2\n")], bytes => FutureTable.Read(
            TimeSeriesTable.Read(TableReader.Read(Seeds.Text("month,x,y\n2023-10,3,1\n2023-11,4,2\n2023-12,5,1\n"), "t.csv"), s_known), s_known,
            "f.csv", DataFiles.Disk.With("f.csv", bytes))) { Words = s_table },
        new("holidays", [typeof(HolidayTable)], [Seeds.Text("day,name\n2024-01-01,New Year\n2024-12-25,Christmas\n")],
            bytes => HolidayTable.Read("days.csv", DataFiles.Disk.With("days.csv", bytes))) { Words = s_table },
        new("BED", [typeof(BedReader)], [Seeds.Bed(), Seeds.Lines(4, i => $"s{i}\t2\t5")],
            bytes => BedReader.ReadFile("genes.bed", DataFiles.Disk.With("genes.bed", bytes))) { Words = ["\t", "browser", "#", "-1", "."] },
        new("texts of known words", [typeof(SpeechTexts)], [Seeds.Lines(4, i => i % 2 == 0 ? "hi lo" : "lo")],
            bytes => SpeechTexts.Read("words.txt", new SpeechDescription(new SpeechOptions { Mode = SpeechMode.Ctc }, 8000, ["hi", "lo"], [], []),
                DataFiles.Disk.With("words.txt", bytes))),
        new("word vectors", [typeof(WordVectors)], [Seeds.Lines(4, i => $"{new[] { "red", "green", "north", "south" }[i]} 0.5 -1 {i} 2e-3"),
            Seeds.Text("2 4\nred 1 2 3 4\nblue 1 2 3 4\n")],
            bytes => WordVectors.Into((LabelModel)Texts.Model, "vectors.txt", DataFiles.Disk.With("vectors.txt", bytes), null)),
        .. new[] { Forecast, Texts, Numbers, Sites, Genome, Tags, Language, Rolls, Tunes, Pairs, BytePairs }.SelectMany(Questions),
    ];

    private static readonly string[] s_abc =
        ["|:", ":|", "[1", "|1,3", "::", "||", "Z4", "V:2", "[V:2]", "&", "K:HP", "L:1/64", "M:C|", "(3", "(5:4:2", ">>", "{a}", "[CEG]", "^^c",
            "c'''", "/16", "z999999999", "P:AB", "\\\n", "%%MIDI"];

    private static FuzzTarget Of(string name, SmallTask task, string[] words, Type[] covers, params ReadOnlySpan<byte[]> further) =>
        new(name, covers, [task.Data, .. further], task.Begin) { Words = words };

    private static IEnumerable<FuzzTarget> Questions(SmallTask task) =>
    [
        new($"predict {task.Task.Name} {task.Name}", [task.Task.GetType()], [task.Data], bytes => task.Predict(bytes)),
        new($"evaluate {task.Task.Name} {task.Name}", [task.Task.GetType()], [task.Data], task.Evaluate),
    ];
}
