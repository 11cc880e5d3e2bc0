const PREFIX = 'bulkhead-till:';
const ALLOWED = { locale: ['en', 'ar'], theme: ['auto', 'light', 'dark'], sound: ['on', 'off'] };

const preferred = () => (navigator.languages.find((tag) => /^(ar|en)\b/.test(tag)) ?? 'en').slice(0, 2);

/** How this device shows the till. Nobody's data: it stays when the till is revoked. */
export function preferences() {
  const initial = { locale: preferred(), theme: 'auto', sound: 'on' };
  const kept = (name) => {
    const value = localStorage.getItem(PREFIX + name);
    return ALLOWED[name].includes(value) ? value : initial[name];
  };
  return {
    get locale() {
      return kept('locale');
    },
    get theme() {
      return kept('theme');
    },
    get sound() {
      return kept('sound');
    },
    set: (name, value) => localStorage.setItem(PREFIX + name, value),
  };
}
