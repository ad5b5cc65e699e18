using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Tasks.Data;

namespace Unroll.Tasks.Shared;

/// <summary>A trained model of some task: the members that all models have. The list of tasks opens one from a file, whatever its task.</summary>
/// <remarks>
/// Safe for use by several threads at once as long as nobody trains or quantizes it: predictions share its weights and nothing else.
/// </remarks>
public interface ITaskModel
{
    /// <summary>The name of the task, as in the model file: <c>forecast</c>, <c>lm</c>.</summary>
    string Task { get; }

    /// <summary>The options of the run it came from.</summary>
    TaskOptions Options { get; }

    /// <summary>
    /// The networks that the model's answers are the mean of, each a whole model with one network that answers alone; of a model with one network,
    /// the model itself.
    /// </summary>
    IReadOnlyList<ITaskModel> Members => [this];

    /// <summary>The network; of an encoder–decoder its encoder; of several members the first one's.</summary>
    Network Network { get; }

    /// <summary>
    /// Every weight: those of <see cref="Network"/>, and of a decoder where there is one; of several members the first one's.
    /// </summary>
    ParameterStore Parameters => Network.Parameters;

    /// <summary>The layers that a model of another task may begin with; null: none.</summary>
    ModelFront? Front => null;

    /// <summary>How the weights are kept.</summary>
    WeightPrecision Precision => Network.Precision;

    /// <summary>The SHA-256 of the weights of all members, 64 lower-case hexadecimal digits.</summary>
    string WeightsSha256 { get; }

    /// <summary>Writes the model file, all or nothing.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    void Save(string path);

    /// <summary>Writes the members that <c>info</c> shows of this task's models: sizes, vocabularies, options.</summary>
    /// <param name="json">An object that has been started.</param>
    void WriteJson(Utf8JsonWriter json);

    /// <summary>One sequence of data as the network sees it, with a label and a loss for each step: what <c>inspect</c> looks at.</summary>
    /// <param name="data">The name of data; null: those the model was trained on.</param>
    /// <param name="sequence">Which of their sequences, from 0.</param>
    /// <param name="files">What names refer to.</param>
    /// <exception cref="UserErrorException">The data do not fit the model, or have no such sequence.</exception>
    InspectionSubject Subject(string? data, int sequence, DataFiles files);

    /// <summary>Rounds the recurrent matrices to fewer bits, for inference alone.</summary>
    /// <param name="precision">What to round to; with floats nothing is done.</param>
    /// <exception cref="UserErrorException">This model cannot be rounded to that precision; the message says why.</exception>
    void Quantize(WeightPrecision precision = WeightPrecision.Int8)
    {
        foreach (ITaskModel member in Members) member.Network.Quantize(precision);
    }

    /// <summary>
    /// Starts a session: one step in, one answer out; null: models of this task need a whole sequence, or this one reads from both ends.
    /// </summary>
    ITaskSession? NewSession() => null;

    /// <summary>Starts a session with settings.</summary>
    /// <param name="settings">What the task has no use for is refused.</param>
    /// <exception cref="UserErrorException">A setting is out of its range, or not one of this task.</exception>
    ITaskSession? NewSession(SessionSettings settings)
    {
        settings.Require($"the task {Task}");
        return NewSession();
    }
}
