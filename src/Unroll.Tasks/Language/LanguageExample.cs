using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

/// <summary>A stretch of text to inspect: each symbol, and the next one, which is to be predicted.</summary>
internal static class LanguageExample
{
    private const int Characters = 80, Words = 40;

    internal static InspectionSubject Of(LanguageModel model, string? data, int sequence, DataFiles files)
    {
        LanguageDescription description = model.Description;
        string text = data is null ? LanguageData.Read(description.Options, files).Measured.Text : GrammarText.GenerateOrRead(data, files);
        int[] symbols = [description.Start, .. model.Encode(text)];
        int most = description.Unit == TextUnit.Char ? Characters : Words, sequences = (symbols.Length - 2 + most) / most;
        if (sequence < 0 || sequence >= sequences)
            throw new UserErrorException(
                $"sequence: expected 0 … {sequences - 1} because the text has {sequences} stretches of {most} {description.Symbols}, " +
                $"got {sequence}.");
        int from = sequence * most, steps = Math.Min(most, symbols.Length - 1 - from);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(1, steps), 1);
        for (int t = 0; t < steps; t++) x.All[t] = symbols[from + t];
        int[] next = symbols[(from + 1)..(from + 1 + steps)];
        string[] names = [.. description.Vocabulary.Symbols.Select(Visible)];
        string end = description.Options.Reverse ? " from its end" : "";
        return new InspectionSubject(
            $"{data ?? string.Join(", ", description.Options.Data)}, {description.Symbols} {from + 1} to {from + steps}{end}",
            model.Network, x, [.. symbols.Skip(from).Take(steps).Select(symbol => names[symbol])], new SoftmaxCrossEntropy(), Targets.Of(next))
        {
            TargetLabels = [.. next.Select(symbol => names[symbol])],
            OutputNames = names,
        };
    }

    /// <summary>A symbol that can be seen: blanks and line breaks by a sign.</summary>
    internal static string Visible(string symbol) => symbol switch { " " => "␣", "\n" => "⏎", "\t" => "⇥", _ => BytePairs.Shown(symbol) };
}
