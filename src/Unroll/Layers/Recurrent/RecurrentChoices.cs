namespace Unroll.Layers.Recurrent;

/// <summary>The direction of a recurrent layer through time.</summary>
public enum Direction
{
    /// <summary>First step to last.</summary>
    Forward,
    /// <summary>Last step to first.</summary>
    Reverse,
    /// <summary>Both, by two sets of weights.</summary>
    Bidirectional,
}

/// <summary>How a bidirectional layer's two outputs become one.</summary>
public enum Merge
{
    /// <summary>[forward, reverse]: twice the features.</summary>
    Concatenate,
    /// <summary>forward + reverse.</summary>
    Sum,
    /// <summary>(forward + reverse) ÷ 2.</summary>
    Average,
    /// <summary>forward ⊙ reverse.</summary>
    Multiply,
}

/// <summary>Where a sequence begins when no state is given (study notes, S12).</summary>
public enum InitialState
{
    /// <summary>All zero (S01).</summary>
    Zero,
    /// <summary>Normal draws of deviation 0.1 from a seed, the same for every sequence.</summary>
    Random,
    /// <summary>Parameters <c>h0_l{k}</c> and <c>c0_l{k}</c>, trained like every other.</summary>
    Learned,
}
