/** The button that signs in, or says who is signed in. */
export function SignIn() {
  return (
    <button type="button" class="plain">
      Sign in
    </button>
  );
}
