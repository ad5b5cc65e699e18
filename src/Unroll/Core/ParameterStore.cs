using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>
/// Every weight of a network in one flat array and every gradient in another, in the same order, each tensor row-major as PyTorch stores it:
/// zeroing, clipping, an optimizer's step and saving are one loop or one call each.
/// </summary>
/// <remarks>
/// Memory is taken when weights or gradients are first asked for: a network can be built, and its shapes compared with those of a file, for nothing.
/// </remarks>
public sealed class ParameterStore
{
    private readonly List<Parameter> _all = [];
    private readonly Dictionary<string, Parameter> _byName = [];
    private PinnedBuffer _values = new(0), _gradients = new(0);
    private int _length;
    private readonly Lock _growing = new();

    /// <summary>Adds a tensor of zeros.</summary>
    /// <param name="name">Unique in the store: <c>"encoder.weight_ih_l0"</c>.</param>
    /// <param name="shape">[rows, columns], [length], …; every extent at least 1.</param>
    /// <exception cref="ArgumentException">The name is taken, or an extent is below 1.</exception>
    /// <exception cref="UserErrorException">The store would have more weights than an array can hold.</exception>
    public Parameter Add(string name, params ReadOnlySpan<int> shape)
    {
        if (Find(name) is not null) throw new ArgumentException($"parameter '{name}' exists already", nameof(name));
        long length = 1;
        foreach (int extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(extent, 1, nameof(shape));
            length *= extent;
            if (_length + length > ArraySize.Max)
                throw new UserErrorException(
                    $"parameter '{name}' [{string.Join(", ", shape.ToArray())}]: expected at most {ArraySize.Max} weights in all because an array "
                    + "holds no more; use smaller layers.");
        }
        Parameter parameter = new(this, name, shape.ToArray(), _length, (int)length);
        _all.Add(parameter);
        _byName.Add(name, parameter);
        _length += (int)length;
        Version++;
        return parameter;
    }

    /// <summary>The parameters in the order in which they were added.</summary>
    public IReadOnlyList<Parameter> All => _all;

    /// <summary>The number of weights.</summary>
    public int Length => _length;

    /// <summary>Every weight; to write, see <see cref="Edit"/>.</summary>
    public ReadOnlySpan<float> Values => Writable;

    /// <summary>Every gradient, ∂(sum of losses)/∂(weight) until the trainer divides.</summary>
    public Span<float> Gradients => Whole(ref _gradients);

    /// <summary>Grows by one with every edit, so that what was derived from the weights (packed panels) is never stale.</summary>
    public long Version { get; private set; }

    /// <summary>The only way to write weights: <c>using (Edit edit = store.Edit()) edit.Values[0] = 1;</c></summary>
    public Edit Edit() => new(this);

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients() => Gradients.Clear();

    /// <summary>The parameter of that name, or null.</summary>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    internal Span<float> Writable => Whole(ref _values);

    internal void Edited() => Version++;

    private Span<float> Whole(ref PinnedBuffer buffer)
    {
        PinnedBuffer own = Volatile.Read(ref buffer);
        return (own.Length < _length ? Grown(ref buffer) : own).Span[.._length];
    }

    // Several threads may predict with a network that was just built.
    private PinnedBuffer Grown(ref PinnedBuffer buffer)
    {
        lock (_growing)
        {
            if (buffer.Length >= _length) return buffer;
            PinnedBuffer larger = new((int)Math.Max(_length, Math.Min(2L * buffer.Length, ArraySize.Max)));
            buffer.Span.CopyTo(larger.Span);
            Volatile.Write(ref buffer, larger);
            return larger;
        }
    }
}

/// <summary>Leave to write the weights of a store; disposing it raises the store's version.</summary>
public readonly struct Edit : IDisposable
{
    private readonly ParameterStore _store;

    internal Edit(ParameterStore store) => _store = store;

    /// <summary>Every weight of the store, in the order of <see cref="ParameterStore.All"/>.</summary>
    public Span<float> Values => _store.Writable;

    /// <summary>The weights of one parameter.</summary>
    public Span<float> Of(Parameter parameter) => _store.Writable.Slice(parameter.Offset, parameter.Length);

    /// <summary>Raises the store's version.</summary>
    public void Dispose() => _store.Edited();
}

/// <summary>One named tensor of a <see cref="ParameterStore"/>.</summary>
public sealed class Parameter
{
    private readonly ParameterStore _store;
    private readonly int[] _shape;

    internal Parameter(ParameterStore store, string name, int[] shape, int offset, int length) =>
        (_store, Name, _shape, Offset, Length) = (store, name, shape, offset, length);

    /// <summary>Its name in the store and in files.</summary>
    public string Name { get; }

    /// <summary>Its extents, outermost first.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>Where it begins in the flat arrays.</summary>
    public int Offset { get; }

    /// <summary>How many floats it has.</summary>
    public int Length { get; }

    /// <summary>Row-major weights.</summary>
    public ReadOnlySpan<float> Values => _store.Values.Slice(Offset, Length);

    /// <summary>Row-major gradients.</summary>
    public Span<float> Gradients => _store.Gradients.Slice(Offset, Length);

    /// <summary>The store's version: changes whenever weights may have changed.</summary>
    public long Version => _store.Version;

    /// <summary><c>weight_ih_l0 [256, 16]</c></summary>
    public override string ToString() => $"{Name} [{string.Join(", ", _shape)}]";
}
