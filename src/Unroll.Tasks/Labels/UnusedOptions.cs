using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>Options that were chosen and have no effect beside the data and the other options.</summary>
internal static class UnusedOptions
{
    /// <summary>A line for each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, before they are dealt out.</param>
    /// <param name="validates">Whether there is a validation part.</param>
    internal static IEnumerable<string> Of(LabelModel model, LabelData data, bool validates)
    {
        (LabelOptions has, LabelOptions usual, LabelEncoding encoding) = (model.Options, LabelOptions.Of(model.Options.Task), model.Encoding);
        string unit = encoding.Unit == LabelUnit.Number ? "a row of numbers" : $"a {encoding.UnitWord}";
        List<(string Option, string For)> unused = [];
        void If(bool chosen, bool works, string option, string why)
        {
            if (chosen && !works) unused.Add((option, why));
        }
        string words = $"is for steps of a vocabulary (unit word, char or kmer), and a step is {unit}";
        If(has.Embedding != usual.Embedding, encoding.HasVocabulary, "embedding", words);
        If(has.MinCount != usual.MinCount, encoding.HasVocabulary, "min-count", words);
        If(has.Kmer != usual.Kmer, encoding.Unit == LabelUnit.Kmer, "kmer", $"is for the unit kmer, and a step is {unit}");
        If(has.FilterWidth != usual.FilterWidth, has.Filters > 0, "filter-width", "is for a convolution (filters), and there is none");
        If(has.FilterPool != usual.FilterPool, has.Filters > 0, "filter-pool", "is for a convolution (filters), and there is none");
        If(has.Calibrate, validates, "calibrate", "needs a validation part, and there is none");
        If(has.EpochBy != usual.EpochBy, validates, "epoch-by", "needs a validation part, and there is none");
        If(has.Cased, encoding.Unit is LabelUnit.Word or LabelUnit.Char, "cased", $"is for words and characters, and a step is {unit}");
        If(has.Characters != usual.Characters, encoding.Unit == LabelUnit.Word, "characters", $"is for words, and a step is {unit}");
        If(has.CharacterHidden != usual.CharacterHidden, encoding.Characters is not null, "character-hidden",
            "is for the characters of words, which are not read here");
        If(!has.Legal, encoding.Scheme is not null, "legal", "is for labels that follow BIO or BIOES, and these follow none of them");
        bool images = data.All.Any(one => one.OneScale);
        If(has.Image != usual.Image, images, "image", "is for images, and the data have none");
        If(has.Shrink != usual.Shrink, images, "shrink", "is for images, and the data have none");
        If(has.Window != usual.Window, has.Labels.Count > 0, "window", "is for FASTA files with labels in BED files (labels)");
        If(!has.Split.SequenceEqual(usual.Split), !HasOwnParts(has, data), "split", "is for data without parts of their own, and these have them");
        return unused.Select(one => $"note: {one.Option} {one.For}, so that it has no effect.");
    }

    private static bool HasOwnParts(LabelOptions options, LabelData data)
    {
        string?[] named = [.. data.All.Select(one => Data.Parts.PartName.Of(one.Part)).Distinct()];
        return (data.Valid.Count > 0 || (options.Fold is null && named.Contains(Data.Parts.PartName.Valid)))
            && (options.Fold is not null || data.Test.Count > 0 || named.Any(part => part is not null));
    }
}
