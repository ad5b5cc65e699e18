using Unroll.Serving.Models;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;

namespace Unroll.Serving.Http.Inference;

/// <summary>What a model reads and says, in tensors.</summary>
/// <param name="Inputs">What a request brings: one of these.</param>
/// <param name="Outputs">What it says.</param>
/// <param name="Labels">What the probabilities are of; empty: it says none.</param>
internal sealed record ModelForm(IReadOnlyList<TensorForm> Inputs, IReadOnlyList<TensorForm> Outputs, IReadOnlyList<string> Labels)
{
    /// <summary>Inputs: rows of numbers, numbers of symbols, texts, samples of a sound, steps as JSON, data as a file has them.</summary>
    public const string Features = "features", Symbols = "symbols", Text = "text", Samples = "samples", Steps = "steps", Data = "data";

    /// <summary>Outputs: of each step the probabilities of all labels, and the most probable; or the answers as JSON.</summary>
    public const string Probabilities = "probabilities", Label = "label", Answers = "answers";

    /// <summary>The form of a model.</summary>
    public static ModelForm Of(ServedModel model) => model switch
    {
        { HasSessions: false } => new([new(Data, [TensorForm.Bytes], [1])], [new(Answers, [TensorForm.Bytes], [1])], []),
        { Model: LabelModel labels } => Says(labels.Classes, labels.Encoding.Unit == LabelUnit.Number
            ? new TensorForm(Features, [TensorForm.Single], [-1, labels.Encoding.Features]) : new TensorForm(Text, [TensorForm.Bytes], [-1])),
        { Model: LanguageModel language } => Says(language.Description.Vocabulary.Symbols,
            new TensorForm(Symbols, [TensorForm.Long, TensorForm.Int], [-1]), new TensorForm(Text, [TensorForm.Bytes], [-1])),
        { Model: SpeechModel } => Answering(new TensorForm(Samples, [TensorForm.Single], [-1])),
        _ => Answering(new TensorForm(Steps, [TensorForm.Bytes], [-1])),
    };

    private static ModelForm Says(IReadOnlyList<string> labels, params TensorForm[] inputs) =>
        new(inputs, [new(Probabilities, [TensorForm.Single], [-1, labels.Count]), new(Label, [TensorForm.Bytes], [-1])], labels);

    private static ModelForm Answering(TensorForm input) => new([input], [new(Answers, [TensorForm.Bytes], [-1])], []);
}
