using Unroll.Core;

namespace Unroll.Training;

/// <summary>A loss, a gradient or a validation score is not finite, and the run is to stop there (<see cref="NonFinitePolicy"/>).</summary>
/// <param name="message">One line: the place, what is not finite, what to do.</param>
public sealed class DivergedException(string message) : UserErrorException(message);
