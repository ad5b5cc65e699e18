using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>Operators that read or write elements at places given by numbers. Negative places count from the end; others are refused.</summary>
internal static class GatherOperators
{
    /// <summary>The operators of this family.</summary>
    public static IEnumerable<Operator> All =>
    [
        new("Gather", 2..2, Gather),
        new("GatherElements", 2..2, GatherElements) { Since = 11 },
        new("GatherND", 2..2, GatherNd) { Since = 11 },
        new("ScatterElements", 3..3, ScatterElements) { Since = 11 },
        new("Scatter", 3..3, ScatterElements) { Since = 9 },
        new("ScatterND", 3..3, ScatterNd) { Since = 11 },
        new("OneHot", 3..3, OneHot) { Since = 9 },
    ];

    private static OperatorBody Gather(OperatorNode node)
    {
        long axis = node.Int("axis", 0);
        return call =>
        {
            OnnxTensor data = call.Tensor(0), indices = call.Tensor(1);
            int at = call.Axis(axis, data.Rank), size = data.Shape[at];
            long[] places = call.Wholes(1);
            (int outer, int inner) = Shapes.Around(data.Shape, at);
            int block = inner * data.Type.Size();
            OnnxTensor result = call.New(data.Type, [.. data.Shape[..at], .. indices.Shape, .. data.Shape[(at + 1)..]], out Span<byte> target);
            for (int i = 0; i < places.Length; i++) places[i] = Place(call, places[i], size);
            if (result.Count == 0)
            {
                call.Set(0, result);
                return;
            }
            for (int o = 0, to = 0; o < outer; o++)
                foreach (long place in places) Strided.One(data.Bytes, o * size + (int)place, target, to++, block);
            call.Set(0, result);
        };
    }

    private static int Place(OperatorCall call, long place, int size) => place >= -size && place < size ? (int)(place < 0 ? place + size : place)
        : throw call.Refusal($"index {place} is out of range for a size of {size}");

    private static OperatorBody GatherElements(OperatorNode node)
    {
        long axis = node.Int("axis", 0);
        return call =>
        {
            OnnxTensor data = call.Tensor(0), indices = call.Tensor(1);
            int[] from = Places(call, data, indices, axis);
            OnnxTensor result = call.New(data.Type, indices.Shape, out Span<byte> target);
            for (int i = 0; i < from.Length; i++) Strided.One(data.Bytes, from[i], target, i, data.Type.Size());
            call.Set(0, result);
        };
    }

    // The element of data that each element of indices stands for: its own place, with the index along the axis.
    private static int[] Places(OperatorCall call, OnnxTensor data, OnnxTensor indices, long axis)
    {
        if (indices.Rank != data.Rank) throw call.Refusal($"the indices {indices.ShapeText} have another number of sizes than {data.ShapeText}");
        int at = call.Axis(axis, data.Rank);
        for (int d = 0; d < data.Rank; d++)
            if (d != at && indices.Shape[d] > data.Shape[d]) throw call.Refusal($"the indices {indices.ShapeText} reach outside {data.ShapeText}");
        long[] along = call.Wholes(1);
        int[] strides = Shapes.Strides(data.Shape), index = new int[data.Rank], places = new int[along.Length];
        for (int i = 0; i < places.Length; i++)
        {
            int place = 0;
            for (int d = 0; d < index.Length; d++) place += (d == at ? Place(call, along[i], data.Shape[d]) : index[d]) * strides[d];
            places[i] = place;
            for (int d = index.Length - 1; d >= 0 && ++index[d] == indices.Shape[d]; d--) index[d] = 0;
        }
        return places;
    }

    private static OperatorBody ScatterElements(OperatorNode node)
    {
        long axis = node.Int("axis", 0);
        Reduction(node);
        return call =>
        {
            OnnxTensor data = call.Tensor(0), updates = call.Tensor(2);
            int[] to = Places(call, data, call.Tensor(1), axis);
            if (!updates.Shape.SequenceEqual(call.Tensor(1).Shape) || updates.Type != data.Type)
                throw call.Refusal($"the updates are {updates.Text}, expected {data.Type.Name()} {call.Tensor(1).ShapeText}");
            OnnxTensor result = Copy(call, data, out Span<byte> target);
            for (int i = 0; i < to.Length; i++) Strided.One(updates.Bytes, i, target, to[i], data.Type.Size());
            call.Set(0, result);
        };
    }

    private static void Reduction(OperatorNode node)
    {
        if (node.Has("reduction") && node.String("reduction", "none") is not "none" and var other)
            throw node.Refusal($"attribute 'reduction' is '{other}', supported is 'none'");
    }

    private static OnnxTensor Copy(OperatorCall call, OnnxTensor data, out Span<byte> target)
    {
        OnnxTensor result = call.New(data.Type, data.Shape, out target);
        data.Bytes.CopyTo(target);
        return result;
    }

    // The last size of the indices addresses a block of data.
    private static (int[] Places, int Block, int Inside) Blocks(OperatorCall call, OnnxTensor data, int batch)
    {
        OnnxTensor indices = call.Tensor(1);
        if (indices.Rank <= batch || data.Rank <= batch || !indices.Shape[..batch].SequenceEqual(data.Shape[..batch]))
            throw call.Refusal($"the indices {indices.ShapeText} do not fit {data.ShapeText}");
        int depth = indices.Shape[^1];
        if (depth > data.Rank - batch)
            throw call.Refusal($"the indices {indices.ShapeText} have more numbers a place than {data.ShapeText} has sizes");
        long[] all = call.Wholes(1);
        ReadOnlySpan<int> inside = data.Shape[batch..];
        int rest = batch + depth, block = Shapes.Product(data.Shape[rest..]), perBatch = Shapes.Product(inside) / Math.Max(1, block);
        int count = Shapes.Product(indices.Shape[..^1]), batches = Shapes.Product(indices.Shape[..batch]);
        int[] places = new int[count], strides = Shapes.Strides(inside[..depth]);
        for (int i = 0; i < count; i++)
        {
            places[i] = batches == 0 ? 0 : i / (count / batches) * perBatch;
            for (int d = 0; d < depth; d++) places[i] += Place(call, all[i * depth + d], inside[d]) * strides[d];
        }
        return (places, block * data.Type.Size(), rest);
    }

    private static OperatorBody GatherNd(OperatorNode node)
    {
        int batch = (int)Math.Clamp(node.Int("batch_dims", 0), 0, Shapes.MostSizes);
        return call =>
        {
            OnnxTensor data = call.Tensor(0);
            (int[] places, int block, int rest) = Blocks(call, data, batch);
            OnnxTensor result = call.New(data.Type, [.. call.Tensor(1).Shape[..^1], .. data.Shape[rest..]], out Span<byte> target);
            for (int i = 0; i < places.Length; i++) Strided.One(data.Bytes, places[i], target, i, block);
            call.Set(0, result);
        };
    }

    private static OperatorBody ScatterNd(OperatorNode node)
    {
        Reduction(node);
        return call =>
        {
            OnnxTensor data = call.Tensor(0), updates = call.Tensor(2);
            (int[] places, int block, int rest) = Blocks(call, data, 0);
            int[] expected = [.. call.Tensor(1).Shape[..^1], .. data.Shape[rest..]];
            if (!updates.Shape.SequenceEqual(expected) || updates.Type != data.Type)
                throw call.Refusal($"the updates are {updates.Text}, expected {data.Type.Name()} {Shapes.Text(expected)}");
            OnnxTensor result = Copy(call, data, out Span<byte> target);
            for (int i = 0; i < places.Length; i++) Strided.One(updates.Bytes, i, target, places[i], block);
            call.Set(0, result);
        };
    }

    // values = [off, on]; an index outside −depth … depth − 1 leaves its row off.
    private static OperatorBody OneHot(OperatorNode node)
    {
        long axis = node.Int("axis", -1);
        return call =>
        {
            OnnxTensor indices = call.Tensor(0), values = call.Tensor(2);
            long[] places = Array.ConvertAll(CastOperators.To(call, indices, OnnxType.Double).Values<double>().ToArray(), value => (long)value);
            double asked = CastOperators.To(call, call.Tensor(1), OnnxType.Double).Values<double>() is [var one] ? one : -1;
            if (values.Count != 2 || asked is not (>= 1 and <= int.MaxValue))
                throw call.Refusal("its depth must be one number of at least 1, and values two");
            int depth = (int)asked, at = call.Axis(axis, indices.Rank + 1), size = values.Type.Size();
            OnnxTensor result = call.New(values.Type, [.. indices.Shape[..at], depth, .. indices.Shape[at..]], out Span<byte> target);
            int inner = Shapes.Product(indices.Shape[at..]);
            for (int i = 0; i < result.Count; i++)
            {
                long place = places[i / (inner * depth) * inner + i % inner];
                Strided.One(values.Bytes, (place < 0 ? place + depth : place) == i / inner % depth ? 1 : 0, target, i, size);
            }
            call.Set(0, result);
        };
    }
}
