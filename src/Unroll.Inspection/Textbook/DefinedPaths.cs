using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

//  h = (1 − z) ⊙ n + z ⊙ h₋                h₋ to h by no matrix:                       direct
//  h = tanh(W x + U h₋ + b)                h₋ to h through U:                          next step
//  h = h₋ + tanh(W x + (U − Uᵀ) h₋ + b)    h₋ to h through U − Uᵀ:                     through U − Uᵀ
//  n = tanh(W_n x + U_n (r ⊙ h₋) + b_n)    h₋ to rh, which is made for n:              through n
//  m = tanh(c)      h = o ⊙ m              c to m, a function of c alone, to h:        through h

/// <summary>
/// The names of the terms of a derivation: by which path a quantity is read. A path is called after the quantity of the text at its end; the argument
/// of a gate counts as the gate, a function of the quantity alone as whatever reads that.
/// </summary>
public sealed class DefinedPaths
{
    private readonly CellDerivation _derivation;
    private readonly Dictionary<Use, string> _names = [];
    private readonly Dictionary<CellExpression, IReadOnlyList<string>> _inOrder = [];

    /// <summary>Finds them.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    public DefinedPaths(CellDerivation derivation)
    {
        _derivation = derivation;
        foreach (DerivedGradient gradient in derivation.Gradients)
            if (derivation.Before.FirstOrDefault(one => one.Of == Before(gradient.Of)) is { } before) Name(gradient, before);
            else Name(gradient);
    }

    /// <summary>The names of the terms of a gradient, in their order.</summary>
    /// <param name="gradient">Of a quantity, or of a state of the step before.</param>
    public IReadOnlyList<string> Of(DerivedGradient gradient) => _inOrder[gradient.Of];

    /// <summary>The path on which a quantity reads another, or a state of the step before; null: it does not, or nothing depends on it.</summary>
    /// <param name="read">What is read.</param>
    /// <param name="reader">The quantity that reads it.</param>
    /// <param name="product">The product in which it does; null: unit by unit.</param>
    public string? Of(CellExpression read, CellQuantity reader, ProductExpression? product) =>
        _names.GetValueOrDefault(new(read, reader.Name, product));

    // Two terms of one quantity through the same one are told apart by what reads it there, and, where that is the same too, by the step.
    private void Name(params ReadOnlySpan<DerivedGradient> gradients)
    {
        List<(Use Use, string Name)> all = [];
        foreach (DerivedGradient gradient in gradients)
        {
            all.AddRange(Uses(gradient).Distinct().Select(use => (use, NameOf(use))));
        }
        HashSet<string> taken = [];
        foreach ((Use use, string name) in all)
        {
            bool alone = all.Count(one => one.Name == name) == 1;
            string label = use.Product is { } product ? Text(product) : use.Reader;
            string full = alone ? name : $"{name} ({label})";
            if (!taken.Add(full)) taken.Add(full = $"{name} ({label} of the next step)");
            _names[use] = full;
        }
        foreach (DerivedGradient gradient in gradients) _inOrder[gradient.Of] = [.. Uses(gradient).Select(use => _names[use])];
    }

    private List<Use> Uses(DerivedGradient gradient)
    {
        List<Use> uses = [];
        foreach (GradientTerm term in gradient.Terms)
        {
            ProductExpression? product = null;
            if (term.IsProduct)
            {
                int before = uses.Count(use => use.Reader == term.Through && use.Product is not null);
                product = _derivation[term.Through].Products.Where(one => one.Of == gradient.Of).ElementAt(before);
            }
            uses.Add(new(gradient.Of, term.Through, product));
        }
        return uses;
    }

    private string NameOf(Use use)
    {
        string? state = (use.Read as PreviousExpression)?.State;
        CellQuantity at = _derivation[use.Reader];
        bool alone = state is null && use.Product is null && at.Value is FunctionExpression { Function: not CellFunction.Negate } or NormExpression;
        while (at.Name != state && OnlyReader(at) is { } next)
        {
            bool gate = ReadsOnly(next, at);
            if (!gate && !alone) break;
            alone &= gate;
            at = next;
        }
        if (at.Owner != state) return $"through {at.Owner}";
        return use.Product is null ? Paths.Direct : use.Product.Form == MatrixForm.Antisymmetric ? $"through {Text(use.Product)}" : Paths.Next;
    }

    // The one quantity that reads another; null: there are several, or none, or it is a state or the output.
    private CellQuantity? OnlyReader(CellQuantity read)
    {
        if (_derivation.Arrives(read.Name)) return null;
        QuantityExpression own = new(read.Name);
        CellQuantity[] readers = [.. _derivation.Quantities.Where(one => one.Value.All().Contains(own)).Take(2)];
        return readers is [var only] ? only : null;
    }

    private static bool ReadsOnly(CellQuantity reader, CellQuantity read) => reader.Products.Count == 0
        && reader.Value.All().All(one => one is not (InputExpression or PreviousExpression)
            && (one is not QuantityExpression quantity || quantity.Name == read.Name));

    private static PreviousExpression Before(CellExpression quantity) => new(((QuantityExpression)quantity).Name);

    private static string Text(ProductExpression product) => product.Form switch
    {
        MatrixForm.Transposed => $"{product.Matrix}ᵀ",
        MatrixForm.Antisymmetric => $"{product.Matrix} − {product.Matrix}ᵀ",
        _ => product.Matrix,
    };

    private readonly record struct Use(CellExpression Read, string Reader, ProductExpression? Product);
}
