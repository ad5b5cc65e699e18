using Unroll.Core;
using Unroll.Inspection;
using Unroll.Networks;

namespace Unroll.Tasks.Shared;

/// <summary>A trained model of some task: what every one has. <c>TaskList.Open</c> opens one from a file, whatever its task.</summary>
public interface ITaskModel
{
    /// <summary>The task's name in the model file and in <c>TaskList</c>: <c>forecast</c>, <c>lm</c>.</summary>
    string Task { get; }

    /// <summary>The network.</summary>
    Network Network { get; }

    /// <summary>The SHA-256 of the weights, 64 lower-case hexadecimal digits.</summary>
    string WeightsSha256 { get; }

    /// <summary>Writes the model file, all or nothing.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="UserErrorException">The file system refused.</exception>
    void Save(string path);

    /// <summary>One sequence of data as the network sees it, with a label and a loss for each step: what <c>inspect</c> looks at.</summary>
    /// <param name="data">The data, as the task's other verbs take them; null: those the model was trained on.</param>
    /// <param name="sequence">Which of their sequences, from 0.</param>
    /// <param name="standardInput">Read when <paramref name="data"/> is <c>-</c>.</param>
    /// <exception cref="UserErrorException">The data do not fit the model, or have no such sequence.</exception>
    InspectionSubject Subject(string? data, int sequence, TextReader standardInput);
}
