using Unroll.Layers;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>Lets a language model write, symbol by symbol; after its making it allocates nothing.</summary>
public sealed class LanguageSampler
{
    private readonly LanguageModel _model;
    private readonly SymbolSampler _sampler;
    private readonly State _state;
    private readonly float[] _input = new float[1], _scores;

    /// <summary>Begins after a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How symbols are drawn; the unknown symbol never is.</param>
    /// <param name="prompt">What the text begins with, numbered; may be empty: then it follows the end of a line.</param>
    public LanguageSampler(LanguageModel model, SamplingOptions options, ReadOnlySpan<int> prompt)
    {
        (_model, _state, _scores) = (model, model.Network.NewState(1), new float[model.Network.OutputSize]);
        _sampler = new SymbolSampler(_scores.Length, options, never: Vocabulary.Unknown);
        Read(model.Description.Start);
        foreach (int symbol in prompt) Read(symbol);
    }

    /// <summary>Draws the next symbol, and goes on after it.</summary>
    /// <returns>Its number.</returns>
    public int Next()
    {
        int symbol = _sampler.Draw(_scores);
        Read(symbol);
        return symbol;
    }

    private void Read(int symbol)
    {
        _input[0] = symbol;
        _model.Network.Step(_input, _state, _scores);
    }
}
