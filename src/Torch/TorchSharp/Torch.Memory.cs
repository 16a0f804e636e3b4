namespace TorchSharp;

public static partial class torch
{
    // Copies, fills and random values. The static forms.
    public static Tensor bernoulli(Tensor input, Generator? generator = null) => input.bernoulli(generator);
    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);
    public static Tensor clone(Tensor input) => input.clone();
}
