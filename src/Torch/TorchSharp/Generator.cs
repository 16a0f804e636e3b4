using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public class Generator : IDisposable
    {
        private nint _handle;

        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            nint handle;
            Shim.Check(Shim.dsl_generator_new((int)this.device.type, this.device.index, seed, &handle), nameof(Generator));
            _handle = handle;
        }

        private unsafe Generator(Device device)
        {
            this.device = device;
            nint handle;
            Shim.Check(Shim.dsl_generator_default((int)device.type, device.index, &handle), nameof(Generator));
            _handle = handle;
        }

        ~Generator() => Dispose(false);

        public static Generator Default { get; } = new(CPU);

        public IntPtr Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));
        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Shim.Check(Shim.dsl_generator_set_seed(Handle, (ulong)seed));
            return this;
        }

        public unsafe long seed()
        {
            ulong value;
            Shim.Check(Shim.dsl_generator_seed(Handle, &value));
            return (long)value;
        }

        public unsafe long initial_seed()
        {
            ulong value;
            Shim.Check(Shim.dsl_generator_initial_seed(Handle, &value));
            return (long)value;
        }

        public unsafe Tensor get_state()
        {
            nint state;
            Shim.Check(Shim.dsl_generator_get_state(Handle, &state));
            return new Tensor(state);
        }

        public void set_state(Tensor value)
        {
            Shim.Check(Shim.dsl_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                Shim.dsl_generator_free(handle);
        }
    }

    public static Generator manual_seed(long seed)
    {
        Shim.Check(Shim.dsl_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static long seed()
    {
        var value = Generator.Default.seed();
        manual_seed(value);
        return value;
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
        public static long seed() => torch.seed();
        public static long initial_seed() => Generator.Default.initial_seed();
        public static Tensor get_rng_state() => Generator.Default.get_state();
        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }
}
