using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>How a session of a task begins.</summary>
public sealed record SessionSettings
{
    /// <summary>How a session that draws does it; null: by the model's own probabilities.</summary>
    public SamplingOptions? Sampling { get; init; }

    /// <summary>Samples a second of the sound that a session hears; null: those of the model.</summary>
    public int? Rate { get; init; }

    /// <summary>Throws where something is set that sessions of a model do not have.</summary>
    /// <param name="model">What the model is, for the message: <c>a tagger</c>.</param>
    /// <param name="sampling">Whether its sessions draw.</param>
    /// <param name="rate">Whether its sessions hear sound.</param>
    /// <exception cref="UserErrorException">There is.</exception>
    public void Require(string model, bool sampling = false, bool rate = false)
    {
        if (Sampling is not null && !sampling) throw new UserErrorException($"sampling: a session of {model} draws nothing; leave it out.");
        if (Rate is not null && !rate) throw new UserErrorException($"rate: a session of {model} hears no sound; leave it out.");
    }
}
