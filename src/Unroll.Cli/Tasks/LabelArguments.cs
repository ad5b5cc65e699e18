using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;

namespace Unroll.Cli;

/// <summary>The options of a labeling run on the command line, one for each property of <see cref="LabelOptions"/>.</summary>
internal static class LabelArguments
{
    internal static TaskArguments<LabelOptions> Make(string task)
    {
        LabelOptions usual = LabelOptions.Of(task);
        TaskArguments<LabelOptions> all = new();
        all.Add(Opt.Words("--data", "FILE[,FILE…]", Files(task)), (o, v) => o with { Data = v });
        all.Add(Opt.Words("--valid", "FILE[,FILE…]", "files to validate on (default: a part of the data)"), (o, v) => o with { Valid = v });
        all.Add(Opt.Words("--test", "FILE[,FILE…]", "files to test on (default: a part of the data)"), (o, v) => o with { Test = v });
        all.Add(Opt.Text("--label", "COLUMN", "the column of the label (default: label, class, tag …)"), (o, v) => o with { Label = v });
        if (usual.PerStep)
        {
            all.Add(Opt.Words("--labels", "FILE.bed[,…]", "BED files with the labels of the bases of FASTA files"), (o, v) => o with { Labels = v });
            all.Add(Opt.Whole("--window", "N", $"bases of the windows that such sequences are cut into (default {usual.Window})"), (o, v) => o with { Window = v!.Value });
        }
        all.Add(Opt.Text("--text", "COLUMN", "the column of the text or letters (default: text, sequence …; none: all others are numbers)"), (o, v) => o with { Text = v });
        all.Add(Opt.Text("--part", "COLUMN", "the column of train, valid, test, or of folds (default: split, part, fold)"), (o, v) => o with { Part = v });
        all.Add(Opt.Text("--group", "COLUMN", "the column whose equal values make one sequence of several rows"), (o, v) => o with { Group = v });
        all.Add(Opt.Text("--fold", "K", "the fold that tests"), (o, v) => o with { Fold = v });
        all.Add(Opt.Whole("--folds", "N", "deal the sequences into N folds, number i into fold i mod N"), (o, v) => o with { Folds = v!.Value });
        all.Add(Opt.Switch("--cross-validate", "let each fold test in its turn, of --folds N or of the column of folds"), (o, v) => o with { CrossValidate = v });
        all.Add(Opt.Numbers("--split", "TRAIN,VALID", "shares to train on and to validate on; the rest tests (default 0.8,0.1)"), (o, v) => o with { Split = v! });
        all.Add(Opt.Text("--unit", "WORD", "what a step is: " + Words(LabelOptions.UnitWords, usual.Unit)), (o, v) => o with { Unit = v });
        all.Add(Opt.Whole("--kmer", "N", $"letters of a k-mer (default {usual.Kmer})"), (o, v) => o with { Kmer = v!.Value });
        if (task == "classify")
        {
            all.Add(Opt.Text("--image", "WORD", "what a step of an image is: " + Words(LabelOptions.ImageWords, usual.Image)), (o, v) => o with { Image = v });
            all.Add(Opt.Whole("--shrink", "N", "images: squares of N × N pixels become one, their mean (default 1)"), (o, v) => o with { Shrink = v!.Value });
        }
        all.Add(Opt.Switch("--cased", "keep capital letters apart from small ones"), (o, v) => o with { Cased = v });
        all.Add(Opt.Whole("--min-count", "N", $"how often a word must occur to be known (default {usual.MinCount})"), (o, v) => o with { MinCount = v!.Value });
        all.Add(Opt.Whole("--embedding", "N", $"features of an embedded word (default {usual.Embedding})"), (o, v) => o with { Embedding = v!.Value });
        all.Add(Opt.Text("--vectors", "FILE", "word vectors to begin with, as GloVe and word2vec write them in text"), (o, v) => o with { Vectors = v });
        all.Add(Opt.Text("--cell", "CELL", Words(ForecastOptions.CellWords, usual.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Whole("--hidden", "N", $"units of each layer and direction (default {usual.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Whole("--layers", "N", $"recurrent layers (default {usual.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Switch("--one-way", "read from the begin alone, not from both ends"), (o, v) => o with { OneWay = v });
        if (!usual.PerStep)
            all.Add(Opt.Text("--reading", "WORD", "how a sequence becomes one row: " + Words(LabelOptions.ReadingWords, usual.Reading)), (o, v) => o with { Reading = v });
        all.Add(Opt.Number("--dropout", $"probability that a feature is dropped (default {usual.Dropout})"), (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Number("--word-dropout", $"probability that a step is hidden (default {usual.WordDropout})"), (o, v) => o with { WordDropout = v!.Value });
        if (task == "dna")
            all.Add(Opt.Switch("--both-strands", "train on the other strand too, and average predictions over both"), (o, v) => o with { BothStrands = v });
        all.Add(Opt.Whole("--batch", "N", $"sequences of a batch (default {usual.Batch})"), (o, v) => o with { Batch = v!.Value });
        LearningArguments.AddTo(all, usual.Learning, o => o.Learning, (o, learning) => o with { Learning = learning });
        return all;
    }

    private static string Files(string task) => task switch
    {
        "dna" => "CSV with label and sequence, or a FASTA file for each label",
        "tag" => "lines of token and label with an empty line between sequences, CSV with --group, or FASTA with --labels",
        _ => "CSV or TSV with label and text or numbers, lines of label TAB text, or IDX images",
    };

    private static string Words(IReadOnlyList<string> words, string usual) => TaskArguments<LabelOptions>.Words(words, usual);
}
