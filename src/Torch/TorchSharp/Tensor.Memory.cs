using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Copies, fills and random values.
    public partial class Tensor
    {
        public Tensor clone() => Aten.clone.Call(this);
        public Tensor contiguous() => Aten.contiguous.Call(this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.InPlace(this, source, nonBlocking);
        public Tensor fill_(Scalar value) => Aten.fill__Scalar.InPlace(this, value);
        public Tensor zero_() => Aten.zero_.InPlace(this);
        public Tensor set_(Tensor source) => Aten.set__source_Tensor.InPlace(this, source);
        public Tensor pin_memory() => Aten.pin_memory.Call(this);
        public bool is_pinned() => Aten.is_pinned.Number(this).Integer != 0;

        public Tensor detach() => Aten.detach.Call(this);
        public Tensor detach_() => Aten.detach_.InPlace(this);
        public Tensor alias() => Aten.alias.Call(this);

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Aten.normal_.InPlace(this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator? generator = null) => Aten.uniform_.InPlace(this, from, to, generator);
        public Tensor random_(double from, double to, Generator? generator = null) =>
            Aten.random__from.InPlace(this, (long)from, (long)to, generator);
        public Tensor bernoulli(Generator? generator = null) => Aten.bernoulli.Call(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Aten.bernoulli__float.InPlace(this, p, generator);
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Aten.bernoulli__Tensor.InPlace(this, p, generator);
        public Tensor exponential_(double lambda = 1, Generator? generator = null) => Aten.exponential_.InPlace(this, lambda, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Aten.multinomial.Call(this, num_samples, replacement, generator);
    }
}
