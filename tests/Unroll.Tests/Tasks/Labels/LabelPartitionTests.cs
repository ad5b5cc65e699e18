using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Parts are dealt as they were when the published figures were measured.</summary>
public sealed class LabelPartitionTests
{
    private static LabelData Data(Func<int, string> part, int count = 37) =>
        LabelData.From(Enumerable.Range(0, count), i => $"text {i}", i => i % 2 == 0 ? "a" : "b", part);

    private static void Same(LabelData data, LabelOptions options)
    {
        Partition<LabeledSequence> dealt = data.Deal(options);
        (IEnumerable<LabeledSequence> train, IEnumerable<LabeledSequence> valid, IEnumerable<LabeledSequence> test) = Expected(data.All, options);
        Assert.Equal(train.Select(one => one.Line), dealt.Train.Select(one => one.Line));
        Assert.Equal(valid.Select(one => one.Line), dealt.Valid.Select(one => one.Line));
        Assert.Equal(test.Select(one => one.Line), dealt.Test.Select(one => one.Line));
    }

    [Theory]
    [InlineData(0.8, 0.1, 1)]
    [InlineData(0.5, 0.2, 7)]
    [InlineData(1, 0, 1)]
    [InlineData(0.9, 0.1, 3)]
    public void By_shares(double train, double valid, ulong seed) => Same(Data(_ => ""), new LabelOptions { Split = [train, valid], Seed = seed });

    [Theory]
    [InlineData(4, "0")]
    [InlineData(5, "3")]
    public void By_folds(int folds, string fold) => Same(Data(_ => ""), new LabelOptions { Folds = folds, Fold = fold, Seed = 2 });

    [Fact]
    public void By_a_column_of_folds() => Same(Data(i => $"{i % 3}"), new LabelOptions { Fold = "1" });

    [Fact]
    public void By_parts_that_the_data_name()
    {
        Same(Data(i => i < 20 ? "train" : i < 30 ? "Dev" : "test"), new LabelOptions());
        Same(Data(i => i < 30 ? "train" : "test"), new LabelOptions());
    }

    [Fact]
    public void A_number_of_folds_without_the_one_that_tests_is_refused_even_where_the_data_name_parts() => Assert.Contains(
        "folds: say which of the 3 folds tests", Assert.Throws<OptionException>(() =>
            Data(i => i < 30 ? "train" : "test").Deal(new LabelOptions { Folds = 3 })).Message);

    [Fact]
    public void An_empty_part_is_said()
    {
        List<string> notes = [];
        Data(_ => "", 4).Deal(new LabelOptions { Split = [0.97, 0.03] }, notes.Add);
        Assert.Contains(notes, note => note.Contains("none of the sequences validates, though a share of 0.03 was asked for"));
    }

    private static (IEnumerable<LabeledSequence>, IEnumerable<LabeledSequence>, IEnumerable<LabeledSequence>) Expected(
        IReadOnlyList<LabeledSequence> all, LabelOptions options)
    {
        if (options.Fold is { } fold)
        {
            List<LabeledSequence> test = options.Folds == 0
                ? [.. all.Where(one => one.Part == fold)]
                : [.. all.Where((_, i) => i % options.Folds == int.Parse(fold))];
            return WithValidation([.. all.Except(test)], test, options);
        }
        if (all.Any(one => PartName.Of(one.Part) is not null))
        {
            LabeledSequence[] In(string part) => [.. all.Where(one => PartName.Of(one.Part) == part)];
            return In(PartName.Valid).Length > 0 ? (In(PartName.Train), In(PartName.Valid), In(PartName.Test))
                : WithValidation(In(PartName.Train), In(PartName.Test), options);
        }
        int[] order = Order(all.Count, options);
        Split split = Split.ByShare(all.Count, options.Split[0], options.Split[1]);
        LabeledSequence[] shuffled = [.. order.Select(i => all[i])];
        return (shuffled[split.TrainRows], shuffled[split.ValidationRows], shuffled[split.TestRows]);
    }

    private static (IEnumerable<LabeledSequence>, IEnumerable<LabeledSequence>, IEnumerable<LabeledSequence>) WithValidation(
        IReadOnlyList<LabeledSequence> training, IReadOnlyList<LabeledSequence> test, LabelOptions options)
    {
        int[] order = Order(training.Count, options);
        int count = (int)Math.Round(training.Count * options.Split[1]);
        return (order.Skip(count).Order().Select(i => training[i]), order.Take(count).Order().Select(i => training[i]), test);
    }

    private static int[] Order(int count, LabelOptions options)
    {
        int[] order = new int[count];
        new Rng(options.Seed).For("split").Permute(order);
        return order;
    }
}
