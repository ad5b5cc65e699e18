using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels.Rules;

/// <summary>The steps of a session so far, for a rule that looks at all of them.</summary>
internal sealed class RuleSteps(LabelEncoding encoding, LinearRule rule) : ISessionPart
{
    private readonly List<string> _steps = [];

    /// <summary>Takes a step; of nucleotides by position its letters that are new.</summary>
    public void Add(string step)
    {
        if (!RuleFeatures.ByPosition(rule.Kind)) _steps.Add(step);
        else if (_steps.Count == 0 || encoding.Unit == LabelUnit.Base) _steps.AddRange(step.Select(letter => $"{letter}"));
        else _steps.Add(step[^1..]);
    }

    /// <summary>What the rule says of the sequence so far: [classes].</summary>
    public double[] Scores() => rule.Scores(_steps);

    /// <inheritdoc/>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_steps.Count);
        foreach (string step in _steps) writer.Write(step);
    }

    /// <inheritdoc/>
    public void Load(BinaryReader reader)
    {
        _steps.Clear();
        for (int count = reader.ReadInt32(); count > 0; count--) _steps.Add(reader.ReadString());
    }
}
