namespace Unroll.Inspection.Derivation;

/// <summary>When a quantity is read.</summary>
internal enum ReadAt
{
    /// <summary>It is the same at every step: a parameter.</summary>
    Always,
    /// <summary>In the step before.</summary>
    Before,
    /// <summary>In this step.</summary>
    Now,
    /// <summary>In the step after.</summary>
    After,
}

/// <summary>The vocabulary in which <see cref="FormulaWriter"/> writes: Unicode, LaTeX or HTML.</summary>
internal abstract class Notation
{
    /// <summary>Between summands.</summary>
    public string Plus => " + ";

    /// <summary>Between a minuend and what is subtracted; before a negative value without its blanks.</summary>
    public abstract string Minus { get; }

    /// <summary>Between factors that are vectors.</summary>
    public abstract string Times { get; }

    /// <summary>Between a number and what it multiplies, and between a matrix and its vector.</summary>
    public abstract string Apart { get; }

    /// <summary>Whether a quotient is drawn as a fraction, whose parts need no parentheses.</summary>
    public virtual bool DrawsFractions => false;

    /// <summary>A name, and when it is read.</summary>
    public abstract string Name(string name, ReadAt at);

    /// <summary>A number.</summary>
    public abstract string Number(double value);

    /// <summary>δ of something.</summary>
    public abstract string Delta(string of);

    /// <summary>∂ℓ/∂y.</summary>
    public abstract string OwnLoss(string of);

    /// <summary>Aᵀ.</summary>
    public abstract string Transposed(string of);

    /// <summary>aⁿ.</summary>
    public abstract string Power(string of, double exponent);

    /// <summary>a / b.</summary>
    public abstract string Quotient(string numerator, string denominator);

    /// <summary>A function and its operands.</summary>
    public abstract string Call(string word, params IEnumerable<string> operands);

    /// <summary>√a.</summary>
    public abstract string SquareRoot(string of);

    /// <summary>1 where a is above b.</summary>
    public abstract string Above(string a, string b, bool orEqual);

    /// <summary>Σ a, over the units.</summary>
    public abstract string UnitSum(string of);

    /// <summary>(a).</summary>
    public abstract string Parentheses(string of);
}
