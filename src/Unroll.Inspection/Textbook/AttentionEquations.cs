using Unroll.Layers.Attention;

namespace Unroll.Inspection.Textbook;

/// <summary>Attention of one query to the steps of one sequence, in double: the oracle of <see cref="Attention"/>.</summary>
public sealed class AttentionEquations
{
    private readonly AttentionScore _score;
    private readonly Matrix? _u, _du, _w, _dw;
    private readonly Vector? _b, _db, _v, _dv;

    /// <summary>Finds the parameters.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="parameters">Values and gradients by the names that the layer gives them.</param>
    /// <param name="score">How a query and a row are compared.</param>
    /// <param name="querySize">Features of a query.</param>
    /// <param name="memorySize">Features of the memory.</param>
    /// <param name="size">Additive: the length of v.</param>
    public AttentionEquations(string name, TextbookParameters parameters, AttentionScore score, int querySize, int memorySize, int size)
    {
        _score = score;
        if (score == AttentionScore.General) (_u, _du) = parameters.Matrix($"{name}.key.weight", querySize, memorySize);
        if (score != AttentionScore.Additive) return;
        (_u, _du) = parameters.Matrix($"{name}.key.weight", size, memorySize);
        (_b, _db) = parameters.Vector($"{name}.key.bias", size);
        (_w, _dw) = parameters.Matrix($"{name}.query.weight", size, querySize);
        (_v, _dv) = parameters.Vector($"{name}.vector", size);
    }

    /// <summary>One query.</summary>
    /// <param name="q">The query.</param>
    /// <param name="memory">s⟨1⟩ … s⟨T⟩; may be empty.</param>
    public AttentionRun Forward(Vector q, IReadOnlyList<Vector> memory)
    {
        //  e⟨j⟩ = q · s⟨j⟩      or      q · U s⟨j⟩      or      v · tanh(W q + U s⟨j⟩ + b)
        double[] e = [.. memory.Select(s => _score switch
        {
            AttentionScore.Dot => (q * s).Sum(),
            AttentionScore.General => (q * (_u! * s)).Sum(),
            _ => (_v! * Hidden(q, s)).Sum(),
        })];

        //  α = softmax(e)      c = Σ α⟨j⟩ s⟨j⟩
        Vector alpha = e.Length == 0 ? new Vector() : Functions.Softmax(new Vector(e));
        Vector? c = null;
        for (int j = 0; j < memory.Count; j++) c = c is null ? alpha[j] * memory[j] : c + alpha[j] * memory[j];
        return new AttentionRun(alpha, c);
    }

    /// <summary>Adds to the parameters' gradients.</summary>
    /// <param name="q">The query.</param>
    /// <param name="memory">What it attended to.</param>
    /// <param name="alpha">The weights that <see cref="Forward"/> gave.</param>
    /// <param name="dc">δc.</param>
    /// <returns>δq and δs⟨j⟩.</returns>
    public (Vector Dq, IReadOnlyList<Vector> Ds) Backward(Vector q, IReadOnlyList<Vector> memory, Vector alpha, Vector dc)
    {
        //  δα⟨j⟩ = δc · s⟨j⟩      δe⟨j⟩ = α⟨j⟩ (δα⟨j⟩ − Σ_k α⟨k⟩ δα⟨k⟩)
        double[] dAlpha = [.. memory.Select(s => (dc * s).Sum())];
        double mean = alpha.Zip(dAlpha, (a, d) => a * d).Sum();
        Vector dq = Vector.Zeros(q.Count);
        Vector[] ds = new Vector[memory.Count];
        for (int j = 0; j < ds.Length; j++)
        {
            double de = alpha[j] * (dAlpha[j] - mean);

            //  δs⟨j⟩ = α⟨j⟩ δc + (what the score sends back)
            (Vector toQuery, Vector toRow) = Back(q, memory[j], de);
            dq.Add(toQuery);
            ds[j] = alpha[j] * dc + toRow;
        }
        return (dq, ds);
    }

    private (Vector ToQuery, Vector ToRow) Back(Vector q, Vector s, double de)
    {
        if (_score == AttentionScore.Dot) return (de * s, de * q);
        if (_score == AttentionScore.General)
        {
            //  e = qᵀ U s:      δU += δe q sᵀ      δq = δe U s      δs = δe Uᵀ q
            _du!.AddOuter(de * q, s);
            return (de * (_u! * s), de * (_u!.T * q));
        }

        //  δv += δe tanh(a)      δa = δe v ⊙ tanh′(a)      δW += δa qᵀ      δU += δa sᵀ      δb += δa
        Vector hidden = Hidden(q, s), da = de * _v! * Functions.TanhSlope(hidden);
        _dv!.Add(de * hidden);
        _dw!.AddOuter(da, q);
        _du!.AddOuter(da, s);
        _db!.Add(da);
        return (_w!.T * da, _u!.T * da);
    }

    private Vector Hidden(Vector q, Vector s) => Functions.Tanh(_w! * q + _u! * s + _b!);
}

/// <summary>What one query found.</summary>
/// <param name="Weights">α⟨1⟩ … α⟨T⟩.</param>
/// <param name="Context">c; null where there was nothing to attend to.</param>
public sealed record AttentionRun(Vector Weights, Vector? Context);
