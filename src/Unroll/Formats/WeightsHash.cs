using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>The SHA-256 of weights: of each tensor's name, shape and little-endian bytes, in order.</summary>
/// <remarks>Fed tensor by tensor, without copies. Names and shapes go in with their lengths, so that no two lists of tensors feed the same bytes.
/// </remarks>
public sealed class WeightsHash
{
    private readonly Sha256 _hash = new();

    /// <summary>The hash of tensors of any type.</summary>
    /// <param name="tensors">The tensors, in an order that is part of the hash.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Compute(IEnumerable<Tensor> tensors)
    {
        WeightsHash hash = new();
        foreach (Tensor tensor in tensors) hash.Add(tensor.Name, tensor.Shape, tensor.Bytes);
        return hash.Finish();
    }

    /// <summary>The hash of a network's weights: what a training run prints at its end.</summary>
    /// <param name="weights">The weights, hashed in the order of the store.</param>
    /// <returns>64 lower-case hexadecimal digits; the same as for the tensors of a file saved from them.</returns>
    public static string Compute(ParameterStore weights)
    {
        WeightsHash hash = new();
        foreach (Parameter parameter in weights.All) hash.Add(parameter.Name, parameter.Shape, parameter.Values);
        return hash.Finish();
    }

    /// <summary>The hash of the weights of several networks of one description: that of the tensors of a file saved from them.</summary>
    /// <param name="members">Their weights, in order; of one network the same as without a list.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Compute(IReadOnlyList<ParameterStore> members)
    {
        WeightsHash hash = new();
        foreach ((int k, ParameterStore weights) in members.Index())
            foreach (Parameter parameter in weights.All)
                hash.Add(MemberTensors.NameOf(parameter.Name, k + 1, members.Count), parameter.Shape, parameter.Values);
        return hash.Finish();
    }

    /// <summary>Feeds one tensor of floats.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">Its elements.</param>
    public void Add(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values) => Add(name, shape, MemoryMarshal.AsBytes(values));

    /// <summary>Ends the hash; a further tensor begins a new one.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    private void Add(string name, ReadOnlySpan<int> shape, ReadOnlySpan<byte> values)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        AddNumber(utf8.Length);
        _hash.AppendData(utf8);
        AddNumber(shape.Length);
        foreach (int size in shape) AddNumber(size);
        AddNumber(values.Length);
        _hash.AppendData(values);
    }

    private void AddNumber(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        _hash.AppendData(bytes);
    }
}
