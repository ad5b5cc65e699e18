using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

//  the past is pairs (h⟨i⟩, s⟨i+1⟩) of a state and the symbol that followed it
//
//  p_cache(s | h) ∝ Σ_i [s⟨i+1⟩ = s] exp(θ h · h⟨i⟩)        p(s) = (1 − λ) p_network(s) + λ p_cache(s);  an empty cache: the network alone
//  source: Grave, Joulin and Usunier 2016, arXiv:1612.04426

/// <summary>What a text had after states like the present one: the last N of its symbols.</summary>
/// <param name="size">N, at least 1.</param>
/// <param name="features">Of a state: the output of the last recurrent layer.</param>
internal sealed class NeuralCache(int size, int features) : ISessionPart
{
    private readonly float[] _states = new float[(long)size * features], _alike = new float[size], _scaled = new float[size];
    private readonly int[] _next = new int[size];
    private int _count, _at;

    /// <summary>Forgets everything.</summary>
    public void Clear() => (_count, _at) = (0, 0);

    /// <summary>Compares a state with all that are remembered, for the calls that follow.</summary>
    public void Compare(ReadOnlySpan<float> state)
    {
        for (int i = 0; i < _count; i++) _alike[i] = (float)Reduce.Dot(state, _states.AsSpan(i * features, features));
    }

    /// <summary>p_cache of a symbol; −1 where the cache is empty.</summary>
    public double Probability(int symbol, double flatness)
    {
        if (_count == 0) return -1;
        double all = Weights(flatness), own = 0;
        for (int i = 0; i < _count; i++)
            if (_next[i] == symbol) own += _scaled[i];
        return own / all;
    }

    /// <summary>Mixes p_cache into the network's probabilities.</summary>
    public void Mix(double weight, double flatness, Span<float> p)
    {
        if (_count == 0) return;
        double share = weight / Weights(flatness);
        Elementwise.Scale(p, (float)(1 - weight));
        for (int i = 0; i < _count; i++) p[_next[i]] += (float)(share * _scaled[i]);
    }

    /// <summary>Remembers a state and the symbol that followed it, in the place of the oldest.</summary>
    public void Remember(ReadOnlySpan<float> state, int next)
    {
        state.CopyTo(_states.AsSpan(_at * features));
        _next[_at] = next;
        _at = (_at + 1) % size;
        _count = Math.Min(_count + 1, size);
    }

    void ISessionPart.Save(BinaryWriter writer)
    {
        writer.Write(_count);
        writer.Write(_at);
        for (int i = 0; i < _count; i++) writer.Write(_next[i]);
        for (int i = 0; i < _count * features; i++) writer.Write(_states[i]);
    }

    void ISessionPart.Load(BinaryReader reader)
    {
        (int count, int at) = (reader.ReadInt32(), reader.ReadInt32());
        if (count < 0 || count > size || at < 0 || at >= size) throw new FormatException("the snapshot's cache has another size");
        (_count, _at) = (count, at);
        for (int i = 0; i < _count; i++) _next[i] = reader.ReadInt32();
        for (int i = 0; i < _count * features; i++) _states[i] = reader.ReadSingle();
    }

    // exp(θ h · h⟨i⟩), up to a factor, and their sum
    private double Weights(double flatness)
    {
        Span<float> scaled = _scaled.AsSpan(0, _count);
        for (int i = 0; i < _count; i++) scaled[i] = (float)(flatness * _alike[i]);
        return Softmax.Exponentials(scaled, scaled, out _);
    }
}
