using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;
using Xunit;

namespace Unroll.Tests.Tasks.Labels;

public sealed class LabelDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-parts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private LabelOptions Options(string table)
    {
        string path = Path.Combine(_folder, "a.csv");
        File.WriteAllText(path, table);
        return new LabelOptions { Data = [path] };
    }

    private string Refused(LabelOptions options) =>
        Assert.ThrowsAny<UserErrorException>(() => LabelData.Read(options, DataFiles.Disk).Deal(options)).Message.Replace(_folder + "/", "");

    [Fact]
    public void Parts_are_known_in_capital_letters_too()
    {
        LabelOptions options = Options("split,label,text\nTrain,a,x\nTRAINING,b,y\nDev,a,z\nTest,b,w\n");
        Partition<LabeledSequence> data = LabelData.Read(options, DataFiles.Disk).Deal(options);
        Assert.Equal(["x", "y"], data.Train.Select(one => one.Text));
        Assert.Equal(["z"], data.Valid.Select(one => one.Text));
        Assert.Equal(["w"], data.Test.Select(one => one.Text));
    }

    [Fact]
    public void What_is_marked_as_a_test_never_falls_to_training()
    {
        Assert.StartsWith("a.csv, line 2: expected a part (train, valid or test) because others have one, found ''",
            Refused(Options("split,label,text\n,a,x\n,b,y\ntest,a,z\ntest,b,w\n")));
        Assert.StartsWith("a.csv: none of 2 sequences is left to train on", Refused(Options("split,label,text\ntest,a,z\ntest,b,w\n")));
    }

    [Fact]
    public void Folds_need_the_one_that_tests() =>
        Assert.StartsWith("folds: say which of the 3 folds tests", Refused(Options("label,text\na,x\nb,y\na,z\n") with { Folds = 3 }));

    [Fact]
    public void Vocabularies_of_earlier_builds_open_where_they_can_be_understood()
    {
        static LabelEncoding Read(LabelUnit unit, params string[] vocabulary) => JsonRecord.Read(JsonText.Of(json =>
            LabelEncoding.Write(json, new LabelEncoding { Unit = unit, Classes = ["a", "b"], Vocabulary = vocabulary })), LabelEncoding.Read);
        // The halves of an emoji were two words, and became one and the same in the file.
        LabelEncoding words = Read(LabelUnit.Word, "<unk>", "the", "\uFFFD", "\uFFFD");
        Assert.Equal([1f, 0], words.Encode(LabeledSequence.OfText("the 😀")));
        LabelEncoding kmers = Read(LabelUnit.Kmer, "<unk>", "ACU", "ACT", "UUU");
        Assert.Equal([1f], kmers.Encode(LabeledSequence.OfText("act")));
        Assert.Equal([3f], kmers.Encode(LabeledSequence.OfText("TUT")));
        Assert.Contains("each word once",
            Assert.ThrowsAny<Exception>(() => Read(LabelUnit.Word, "<unk>", "the", "the")).Message);
    }

    [Fact]
    public void Bases_and_k_mers_of_RNA_are_those_of_DNA()
    {
        foreach (LabelUnit unit in (LabelUnit[])[LabelUnit.Base, LabelUnit.Kmer])
        {
            LabelEncoding encoding = LabelEncoding.Learn([LabeledSequence.OfText("ACGTTA", "a"), LabeledSequence.OfText("GGTTTT", "b")],
                LabelOptions.Of(LabelKind.Dna) with { Unit = unit });
            float[] expected = encoding.Encode(LabeledSequence.OfText("ACGTTA"));
            Assert.Equal(expected, encoding.Encode(LabeledSequence.OfText("acguua")));
            Assert.DoesNotContain(0f, unit == LabelUnit.Kmer ? expected : [1]);
        }
    }

    [Fact]
    public void A_word_that_looks_like_the_unknown_word_stays_a_word()
    {
        LabeledSequence[] training = [.. new[] { "A", "B" }.Select((label, i) =>
            new LabeledSequence("a", i + 1) { Tokens = ["<unk>", i == 0 ? "w0" : @"\<unk>"], StepLabels = ["O", label] })];
        LabelEncoding encoding = LabelEncoding.Learn(training, LabelOptions.Of(LabelKind.Tag) with { Characters = 0 });
        Assert.Equal(["<unk>", @"\<unk>", @"\\<unk>", "w0"], encoding.Vocabulary);
        Assert.Equal([1f, 3], encoding.Encode(training[0]));
        Assert.Equal([1f, 2], encoding.Encode(training[1]));
        Assert.Equal([LabelEncoding.Unknown], encoding.Encode(LabeledSequence.OfTokens(["new"])));
    }

    [Fact]
    public void Features_of_different_kinds_have_scales_of_their_own()
    {
        LabeledSequence One(string label, int i, bool oneScale) =>
            new("a", i) { Numbers = [1000 * i, 0.001f * i, 0.1f], Features = 3, Label = label, OneScale = oneScale };
        LabelEncoding Learn(bool oneScale) => LabelEncoding.Learn([One("a", 1, oneScale), One("b", 3, oneScale)], new LabelOptions());
        // Deviations of 1 and 3 around 2: 1; the third is constant.
        Assert.Equal([1000, 0.001, 1], Learn(false).Deviations.Select(d => Math.Round(d, 6)));
        Assert.Single(Learn(true).Deviations.Skip(1).Distinct());
    }

    [Fact]
    public void Reasons_speak_of_the_probabilities_that_are_predicted_from_both_strands()
    {
        LabelOptions options = LabelOptions.Of(LabelKind.Dna) with { BothStrands = true, Hidden = 4 };
        LabeledSequence[] training = [new("a", 1) { Text = "ACGGT", Label = "x" }, new("a", 2) { Text = "TTGCA", Label = "y" }];
        LabelModel model = new(options, LabelEncoding.Learn(training, options));
        Initialization.Apply(model.Network, new InitializationOptions(), new Rng(3));
        float[] whole = model.Probabilities([training[0]])[0], without = model.Probabilities([training[0] with { Text = "ANGGT" }])[0];
        LabelReasons reasons = model.Explain(training[0]);
        Assert.Equal(Math.Log(whole[reasons.Label]) - Math.Log(without[reasons.Label]), reasons.Effects[1], 1e-6);
    }
}
